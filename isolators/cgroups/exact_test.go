package cgroups

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// between looks at what a container got again and again until one look is within
// bounds. More than the upper is an error at once; less is what others on the
// machine may do, who may keep on doing so.
func between(t *testing.T, what string, least, most float64, look func() (got float64, good bool)) {
	t.Helper()
	var last float64
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		got, good := look()
		if !good {
			continue
		}
		if last = got; got > most {
			t.Fatalf("%s: got %.4f, want at most %.4f", what, got, most)
		}
		if got >= least {
			return
		}
	}
	t.Skipf("%s: never above %.4f, but the machine is too busy to give %.4f", what, last, least)
}

// TestQuarterOfACore wants a container to get what it has of a core, no less and no
// more, beside others that want all. Time is counted in the kernel's own periods.
func TestQuarterOfACore(t *testing.T) {
	i := on(t, needKernel(t, "cpu", "cpuacct")).ready(t, Options{CFS: true}, "cgroups/cpu")
	// The machine's other work is not what this is about.
	root, most := i.roots[i.home["cpu"]], map[int][2]string{1: {"cpu.shares", "100000"}, 2: {"cpu.weight", "10000"}}
	if err := root.Write(most[root.Version][0], most[root.Version][1]); err != nil {
		t.Fatal(err)
	}
	const loop = "while :; do :; done"
	for n := range runtime.NumCPU() {
		container(t, i, isolators.Container{ID: fmt.Sprint("other", n), Demand: isolators.Demand{CPUs: 0.5}}, loop).Release()
	}
	container(t, i, isolators.Container{ID: "quarter", Demand: isolators.Demand{CPUs: 0.25}}, loop).Release()
	const period = 0.1 // seconds
	const window = 30  // periods: what is over from one is little then
	// The figures are read one after the other: those of a look that was held up do not fit together.
	read := func() (*v1.ResourceStatistics, bool) {
		begin := time.Now()
		s := usage(t, i, "quarter")
		return s, time.Since(begin) < 20*time.Millisecond
	}
	from, good := read()
	between(t, "cores", 0.24, 0.27, func() (float64, bool) {
		time.Sleep(window * 100 * time.Millisecond)
		to, prompt := read()
		periods, stopped := float64(to.GetCpusNrPeriods()-from.GetCpusNrPeriods()), float64(to.GetCpusNrThrottled()-from.GetCpusNrThrottled())
		used := cpuTime(to) - cpuTime(from)
		both := good && prompt
		from, good = to, prompt
		return used / (periods * period), both && periods >= window-1 && stopped >= periods-1
	})
}

func cpuTime(s *v1.ResourceStatistics) float64 {
	return s.GetCpusUserTimeSecs() + s.GetCpusSystemTimeSecs()
}

// TestMemoryHolds writes more to files than the container has memory: what the
// kernel keeps of them counts, too, and goes when the limit is reached.
func TestMemoryHolds(t *testing.T) {
	i := on(t, needKernel(t, "memory")).ready(t, Options{}, "cgroups/mem")
	file := filepath.Join(t.TempDir(), "out")
	p := container(t, i, isolators.Container{ID: "c", Demand: isolators.Demand{Mem: 64 << 20}}, fmt.Sprintf("exec dd if=/dev/zero of=%s bs=1M count=100 2>&1", file))
	p.Release()
	if out, err := p.Wait(); err != nil {
		t.Fatalf("writer: %v: %s", err, out)
	}
	d, peak := i.dir("mem", "c"), "memory.max_usage_in_bytes"
	if d.Version == 2 {
		peak = "memory.peak"
	}
	most, err := d.Number(peak)
	if err != nil {
		t.Fatal(err)
	}
	if most < 32<<20 || most > 64<<20 {
		t.Errorf("most memory in use: got %d bytes, want most of %d and no more", most, 64<<20)
	}
	if _, limited := i.Limited("c"); limited {
		t.Error("got a limitation, want what the kernel can do without to be no reason")
	}
}

// TestDiskLimitIsExact compares what is written past the cache with the limit.
func TestDiskLimitIsExact(t *testing.T) {
	l := needKernel(t, "blkio")
	file := filepath.Join(t.TempDir(), "out")
	major, minor := diskOf(t, filepath.Dir(file))
	const perSecond = 4 << 20
	i := on(t, l).ready(t, Options{}, "cgroups/blkio")
	p := container(t, i, isolators.Container{ID: "writer", IO: []isolators.IOLimit{{Major: major, Minor: minor, WriteBytes: perSecond}}},
		fmt.Sprintf("while dd if=/dev/zero of=%s bs=256k count=16 oflag=direct conv=notrunc 2>/dev/null; do :; done; echo direct writes are impossible", file))
	written := func() (bytes uint64) {
		for _, d := range usage(t, i, "writer").GetBlkioStatistics().GetThrottling() {
			for _, v := range d.IoServiceBytes {
				if v.GetOp() == v1.CgroupInfo_Blkio_WRITE && d.Device.GetMajorNumber() == uint64(major) && d.Device.GetMinorNumber() == uint64(minor) {
					bytes += v.GetValue()
				}
			}
		}
		return bytes
	}
	p.Release()
	var from uint64
	begin := time.Now()
	between(t, "share of the limit", 0.9, 1.1, func() (float64, bool) {
		time.Sleep(4 * time.Second)
		before := time.Now() // so that a look that is held up shows less, never more
		bytes := written()
		rate, seen := float64(bytes-from)/time.Since(begin).Seconds()/perSecond, from > 0
		from, begin = bytes, before
		return rate, seen
	})
}
