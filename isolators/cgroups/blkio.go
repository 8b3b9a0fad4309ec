package cgroups

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

// prepareIO sets limits of each disk and the weight among containers.
func prepareIO(_ Options, d cgroup.Dir, c isolators.Container) error {
	for _, l := range c.IO {
		for _, v := range IOValues(d.Version, l) {
			if err := d.Write(v.File, v.Text); err != nil {
				return fmt.Errorf("limit of disk %d:%d: %w", l.Major, l.Minor, err)
			}
		}
	}
	if c.IOWeight == 0 {
		return nil
	}
	files := []string{"blkio.bfq.weight", "blkio.weight"}
	if d.Version == 2 {
		files = []string{"io.bfq.weight", "io.weight"}
	}
	for _, f := range files {
		if d.Has(f) {
			return d.Write(f, fmt.Sprint(c.IOWeight))
		}
	}
	return &isolators.MissingError{Feature: "weight of disk access", Needs: "the io scheduler bfq, or io.cost under cgroup v2"}
}

// Value is what a file of a cgroup is to be.
type Value struct{ File, Text string }

// IOValues are the bounds of one disk in a hierarchy of a version.
func IOValues(version int, l isolators.IOLimit) (all []Value) {
	number, line := fmt.Sprintf("%d:%d", l.Major, l.Minor), ""
	for _, v := range []struct {
		v1, v2 string
		max    uint64
	}{{"read_bps", "rbps", l.ReadBytes}, {"write_bps", "wbps", l.WriteBytes}, {"read_iops", "riops", l.ReadOps}, {"write_iops", "wiops", l.WriteOps}} {
		if v.max == 0 {
			continue
		}
		line += fmt.Sprintf(" %s=%d", v.v2, v.max)
		if version == 1 {
			all = append(all, Value{"blkio.throttle." + v.v1 + "_device", fmt.Sprint(number, " ", v.max)})
		}
	}
	if version == 2 && line != "" {
		all = []Value{{"io.max", number + line}}
	}
	return all
}

// usageIO tells bytes and operations of each disk.
func usageIO(_ *Isolator, _ *group, d cgroup.Dir, to *v1.ResourceStatistics) error {
	stats := &v1.CgroupInfo_Blkio_Statistics{}
	var err error
	if d.Version == 2 {
		err = diskStats2(d, stats)
	} else {
		err = diskStats1(d, stats)
	}
	to.BlkioStatistics = stats
	return err
}

type throttling = v1.CgroupInfo_Blkio_Throttling_Statistics

// disk finds or adds the entry of one, by "254:0".
func disk(stats *v1.CgroupInfo_Blkio_Statistics, number string) *throttling {
	a, b, ok := strings.Cut(number, ":")
	major, err1 := strconv.ParseUint(a, 10, 64)
	minor, err2 := strconv.ParseUint(b, 10, 64)
	if !ok || err1 != nil || err2 != nil {
		return nil
	}
	for _, s := range stats.Throttling {
		if s.Device.GetMajorNumber() == major && s.Device.GetMinorNumber() == minor {
			return s
		}
	}
	s := &throttling{Device: &v1.Device_Number{MajorNumber: proto.Uint64(major), MinorNumber: proto.Uint64(minor)}}
	stats.Throttling = append(stats.Throttling, s)
	return s
}

func amount(op v1.CgroupInfo_Blkio_Operation, n uint64) *v1.CgroupInfo_Blkio_Value {
	return &v1.CgroupInfo_Blkio_Value{Op: op.Enum(), Value: proto.Uint64(n)}
}

// diskStats1 reads lines "254:0 Read 4096".
func diskStats1(d cgroup.Dir, stats *v1.CgroupInfo_Blkio_Statistics) error {
	for _, what := range []string{"io_service_bytes", "io_serviced"} {
		text, err := d.Read("blkio.throttle." + what + "_recursive")
		if err != nil {
			return err
		}
		for line := range strings.Lines(text) {
			f := strings.Fields(line)
			if len(f) != 3 {
				continue // the sum of all disks
			}
			op, known := v1.CgroupInfo_Blkio_Operation_value[strings.ToUpper(f[1])]
			n, err := strconv.ParseUint(f[2], 10, 64)
			s := disk(stats, f[0])
			if !known || err != nil || s == nil {
				continue
			}
			v := amount(v1.CgroupInfo_Blkio_Operation(op), n)
			if what == "io_serviced" {
				s.IoServiced = append(s.IoServiced, v)
			} else {
				s.IoServiceBytes = append(s.IoServiceBytes, v)
			}
		}
	}
	return nil
}

// diskStats2 reads lines "254:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0".
func diskStats2(d cgroup.Dir, stats *v1.CgroupInfo_Blkio_Statistics) error {
	text, err := d.Read("io.stat")
	if err != nil {
		return err
	}
	ops := map[byte]v1.CgroupInfo_Blkio_Operation{'r': v1.CgroupInfo_Blkio_READ, 'w': v1.CgroupInfo_Blkio_WRITE, 'd': v1.CgroupInfo_Blkio_DISCARD}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		s := disk(stats, f[0])
		for _, pair := range f[1:] {
			key, value, _ := strings.Cut(pair, "=")
			n, err := strconv.ParseUint(value, 10, 64)
			if err != nil || key == "" || s == nil {
				continue
			}
			switch op, known := ops[key[0]]; {
			case !known:
			case key[1:] == "bytes":
				s.IoServiceBytes = append(s.IoServiceBytes, amount(op, n))
			case key[1:] == "ios":
				s.IoServiced = append(s.IoServiced, amount(op, n))
			}
		}
	}
	return nil
}
