package ebpf

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/cilium/ebpf"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// disks is the isolator ebpf/io.
type disks struct {
	*opened
	ends int // of containers, by this run
}

// often is how many containers end between two looks for figures that a program has made for one that was just gone.
const often = 1000

// ways as the programs number them.
var ways = [2]string{"read", "write"}

func (*disks) name() string { return ioKit.name }

func (d *disks) open(dir string, at place, _ Options) (err error) {
	d.opened, err = ioKit.open(dir, at)
	return err
}

func (d *disks) close() {
	if d.opened != nil {
		d.opened.close()
	}
}

func (d *disks) begin(c *container) error {
	if err := d.maps["accounts"].Update(c.id, c.id, ebpf.UpdateAny); err != nil {
		return fmt.Errorf("account of cgroup %d: %w", c.id, err)
	}
	if c.memory == 0 {
		return nil
	}
	if err := d.maps["owners"].Update(c.memory, c.id, ebpf.UpdateAny); err != nil {
		return fmt.Errorf("owner of memory of cgroup %d: %w", c.memory, err)
	}
	if c.nested {
		return nil
	}
	if err := d.maps["alone"].Update(c.memory, c.id, ebpf.UpdateAny); err != nil {
		return fmt.Errorf("owner of memory of cgroup %d: %w", c.memory, err)
	}
	return nil
}

// end removes the figures last.
func (d *disks) end(c *container) error {
	for _, owners := range []string{"alone", "owners"} {
		if err := unlessGone(d.maps[owners].Delete(c.memory)); err != nil {
			return err
		}
	}
	if err := unlessGone(d.maps["accounts"].Delete(c.id)); err != nil {
		return err
	}
	if d.ends++; d.ends%often == 0 {
		return d.sweep()
	}
	numbers, err := keys[ioNumber](d.maps["numbers"])
	for _, n := range numbers {
		err = errors.Join(err, unlessGone(d.maps["disks"].Delete(key(c, n))))
	}
	return err
}

// key is that of a container's figures of a disk.
func key(c *container, n ioNumber) ioDiskKey {
	return ioDiskKey{Id: c.id, Major: n.Major, Minor: n.Minor}
}

// sweep removes the figures of those that are no containers.
func (d *disks) sweep() error {
	return keepOnly(d.maps["disks"], func(k ioDiskKey) bool {
		var same uint64
		return d.maps["accounts"].Lookup(k.Id, &same) == nil
	})
}

func (d *disks) keep(known []*container) error {
	for _, owners := range []string{"alone", "owners"} {
		err := keepOnly(d.maps[owners], func(memory uint64) bool {
			return slices.ContainsFunc(known, func(c *container) bool { return c.memory == memory })
		})
		if err != nil {
			return err
		}
	}
	if err := keepOnly(d.maps["accounts"], func(id uint64) bool { return isOf(known, id) }); err != nil {
		return err
	}
	return d.sweep()
}

// used is what a container did with a disk.
type used struct {
	major, minor uint32
	ioDisk
}

// all are the disks that a container has used, by number.
func (d *disks) all(c *container) (out []used, err error) {
	numbers, err := keys[ioNumber](d.maps["numbers"])
	for _, n := range numbers {
		var each []ioDisk
		if d.maps["disks"].Lookup(key(c, n), &each) != nil {
			continue // another container's
		}
		u := used{major: n.Major, minor: n.Minor}
		for _, one := range each {
			for w := range u.Ways {
				to, from := &u.Ways[w], one.Ways[w]
				to.Bytes += from.Bytes
				to.Operations += from.Operations
				to.Latency.Nanoseconds += from.Latency.Nanoseconds
				for s, n := range from.Latency.Slots {
					to.Latency.Slots[s] += n
				}
			}
		}
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b used) int { return cmp.Or(cmp.Compare(a.major, b.major), cmp.Compare(a.minor, b.minor)) })
	return out, err
}

// usage fills in what cgroups/blkio does not know already.
func (d *disks) usage(c *container, to *v1.ResourceStatistics) error {
	if to.BlkioStatistics != nil {
		return nil
	}
	all, err := d.all(c)
	if err != nil {
		return err
	}
	to.BlkioStatistics = &v1.CgroupInfo_Blkio_Statistics{}
	for _, u := range all {
		s := &v1.CgroupInfo_Blkio_Throttling_Statistics{Device: &v1.Device_Number{MajorNumber: proto.Uint64(uint64(u.major)), MinorNumber: proto.Uint64(uint64(u.minor))}}
		for w, op := range []v1.CgroupInfo_Blkio_Operation{v1.CgroupInfo_Blkio_READ, v1.CgroupInfo_Blkio_WRITE} {
			s.IoServiceBytes = append(s.IoServiceBytes, &v1.CgroupInfo_Blkio_Value{Op: op.Enum(), Value: proto.Uint64(u.Ways[w].Bytes)})
			s.IoServiced = append(s.IoServiced, &v1.CgroupInfo_Blkio_Value{Op: op.Enum(), Value: proto.Uint64(u.Ways[w].Operations)})
		}
		to.BlkioStatistics.Throttling = append(to.BlkioStatistics.Throttling, s)
	}
	return nil
}

func (d *disks) figures(c *container) (out []isolators.Figure, err error) {
	all, err := d.all(c)
	if err != nil {
		return nil, err
	}
	for _, u := range all {
		for w, way := range u.Ways {
			labels := []isolators.Label{{Name: "device", Value: fmt.Sprintf("%d:%d", u.major, u.minor)}, {Name: "operation", Value: ways[w]}}
			out = append(out,
				count("disk_bytes", "bytes", "Bytes that were read from and written to disks.", way.Bytes, labels...),
				count("disk_operations", "", "Reads and writes of disks.", way.Operations, labels...),
				histogram("disk_latency_seconds", "Reads and writes of disks by how long they took.",
					way.Latency.Nanoseconds, way.Latency.Slots, labels...))
		}
	}
	return out, nil
}
