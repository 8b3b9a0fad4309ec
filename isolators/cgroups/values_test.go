package cgroups

import (
	"math"
	"strings"
	"testing"
	"time"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

// TestValues says what a demand becomes, in the v2 that has every controller.
func TestValues(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		name   string
		o      Options
		c      isolators.Container
		values map[string]string
	}{
		{"usual", Options{}, isolators.Container{Demand: isolators.Demand{CPUs: 1.5, Mem: 64 * mb}},
			map[string]string{"cpu.weight": "150", "cpu.max": "max 100000", "memory.low": "67108864", "memory.max": "67108864", "pids.max": "max", "io.max": ""}},
		{"hard", Options{CFS: true, PIDs: 7}, isolators.Container{Demand: isolators.Demand{CPUs: 0.25, Mem: 64 * mb, MemLimit: 128 * mb}},
			map[string]string{"cpu.weight": "25", "cpu.max": "25000 100000", "memory.low": "67108864", "memory.max": "134217728", "pids.max": "7"}},
		{"limits of its own", Options{CFS: true}, isolators.Container{Demand: isolators.Demand{CPUs: 1, CPULimit: 2.5, MemLimit: isolators.Unlimited}},
			map[string]string{"cpu.max": "250000 100000", "memory.max": "max"}},
		{"no limit", Options{CFS: true}, isolators.Container{Demand: isolators.Demand{CPUs: 1, CPULimit: math.Inf(1)}},
			map[string]string{"cpu.max": "max 100000"}},
		{"least", Options{CFS: true}, isolators.Container{},
			map[string]string{"cpu.weight": "1", "cpu.max": "max 100000", "memory.low": "33554432", "memory.max": "33554432"}},
		{"tiny", Options{CFS: true}, isolators.Container{Demand: isolators.Demand{CPUs: 0.001, Mem: mb, MemLimit: mb}},
			map[string]string{"cpu.weight": "1", "cpu.max": "1000 100000", "memory.max": "33554432"}},
		{"lent", Options{CFS: true, RevocableLow: true}, isolators.Container{Demand: isolators.Demand{CPUs: 4, Revocable: 4}},
			map[string]string{"cpu.weight": "4", "cpu.max": "400000 100000"}},
		{"partly lent", Options{RevocableLow: true}, isolators.Container{Demand: isolators.Demand{CPUs: 5, Revocable: 4}},
			map[string]string{"cpu.weight": "104"}},
		{"lent like others", Options{}, isolators.Container{Demand: isolators.Demand{CPUs: 4, Revocable: 4}},
			map[string]string{"cpu.weight": "400"}},
		{"huge", Options{}, isolators.Container{Demand: isolators.Demand{CPUs: 1e6}},
			map[string]string{"cpu.weight": "10000"}},
		{"disks and cores", Options{}, isolators.Container{CPUSet: "0-1", IOWeight: 300, IO: []isolators.IOLimit{{Major: 8, Minor: 1, ReadBytes: 5, WriteOps: 9}}},
			map[string]string{"cpuset.cpus": "0-1", "io.weight": "300", "io.max": "8:1 rbps=5 wiops=9"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := onFake(t).ready(t, c.o, "cgroups/blkio", "cgroups/cpu", "cgroups/cpuset", "cgroups/mem", "cgroups/pids")
			c.c.ID = "c"
			container(t, i, c.c, "")
			for file, want := range c.values {
				if got, err := i.dir("cpu", "c").Read(file); err != nil || got != want {
					t.Errorf("%s: got %q, %v, want %q", file, got, err, want)
				}
			}
		})
	}
}

func TestShares(t *testing.T) {
	for cpus, want := range map[float64]uint64{0: 2, 0.001: 2, 0.25: 256, 1: 1024, 64: 65536} {
		if got := shares(1, cpus); got != want {
			t.Errorf("v1 shares of %v cpus: got %d, want %d", cpus, got, want)
		}
	}
}

// TestUsage2 reads figures as the kernel writes them in v2.
func TestUsage2(t *testing.T) {
	i := onFake(t).ready(t, Options{CFS: true, CountPIDs: true}, "cgroups/blkio", "cgroups/cpu", "cgroups/mem")
	container(t, i, isolators.Container{ID: "c", Demand: isolators.Demand{CPUs: 2, Mem: 64 << 20}}, "")
	d := i.dir("cpu", "c")
	for file, text := range map[string]string{
		"cpu.stat":       "usage_usec 3500000\nuser_usec 1500000\nsystem_usec 2000000\nnr_periods 9\nnr_throttled 4\nthrottled_usec 250000",
		"memory.current": "4096", "memory.stat": "anon 100\nfile 200\nfile_mapped 30\nunevictable 4\nkernel 50",
		"io.stat": "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=0 rios=1 wios=0 dbytes=0 dios=0",
	} {
		if err := d.Write(file, text); err != nil {
			t.Fatal(err)
		}
	}
	s := usage(t, i, "c")
	for name, got := range map[string][2]float64{
		"user":           {s.GetCpusUserTimeSecs(), 1.5},
		"system":         {s.GetCpusSystemTimeSecs(), 2},
		"cpus limit":     {s.GetCpusLimit(), 2},
		"periods":        {float64(s.GetCpusNrPeriods()), 9},
		"throttled":      {float64(s.GetCpusNrThrottled()), 4},
		"throttled time": {s.GetCpusThrottledTimeSecs(), 0.25},
		"processes":      {float64(s.GetProcesses()), 1},
		"memory":         {float64(s.GetMemTotalBytes()), 4096},
		"memory limit":   {float64(s.GetMemLimitBytes()), 64 << 20},
		"rss":            {float64(s.GetMemRssBytes()), 100},
		"cache":          {float64(s.GetMemCacheBytes()), 200},
		"mapped":         {float64(s.GetMemMappedFileBytes()), 30},
		"kernel":         {float64(s.GetMemKmemUsageBytes()), 50},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: got %v, want %v", name, got[0], got[1])
		}
	}
	disks := s.GetBlkioStatistics().GetThrottling()
	if len(disks) != 2 {
		t.Fatalf("disks: got %v, want two", disks)
	}
	w := disks[0].IoServiceBytes[1]
	if disks[0].Device.GetMajorNumber() != 8 || w.GetOp() != v1.CgroupInfo_Blkio_WRITE || w.GetValue() != 8192 || disks[0].IoServiced[1].GetValue() != 2 {
		t.Errorf("first disk: got %v, want 8192 bytes in 2 writes", disks[0])
	}
}

// TestOutOfMemory2 changes memory.events as the kernel does in v2.
func TestOutOfMemory2(t *testing.T) {
	i := onFake(t).ready(t, Options{}, "cgroups/mem")
	container(t, i, isolators.Container{ID: "c", Demand: isolators.Demand{Mem: 64 << 20}}, "")
	d := i.dir("mem", "c")
	for _, w := range [][2]string{{"memory.events", "low 1\noom 0\noom_kill 0"}, {"memory.peak", "67108864"}, {"memory.events", "oom 1\noom_kill 1"}} {
		if err := d.Write(w[0], w[1]); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case l := <-i.Watch("c"):
		if !strings.Contains(l.Message, "Requested: 64MB Limit: 64MB Maximum Used: 64MB") {
			t.Errorf("message: got %q, want the figures", l.Message)
		}
	case <-time.After(isolatortest.Deadline):
		t.Fatal("no limitation")
	}
}

func TestMemoryInUseIsNotTaken2(t *testing.T) {
	i := onFake(t).ready(t, Options{}, "cgroups/mem")
	container(t, i, isolators.Container{ID: "c", Demand: isolators.Demand{Mem: 128 << 20}}, "")
	d := i.dir("mem", "c")
	if err := d.Write("memory.current", "100000000"); err != nil {
		t.Fatal(err)
	}
	if err := i.Update(t.Context(), "c", isolators.Demand{Mem: 64 << 20}); err == nil || !strings.Contains(err.Error(), "memory limit 64MB: 95.367MB are in use") {
		t.Errorf("limit below use: got %v, want an error with the figures", err)
	}
	if got, _ := d.Read("memory.max"); got != "134217728" {
		t.Errorf("limit afterwards: got %s, want the old one", got)
	}
}
