package cgroups

import (
	"slices"
	"testing"
	"time"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	"mesos/isolators/isolatortest"
)

// TestSuite runs every subsystem, alone and all together, in what this machine
// has and in a v2 that limits nothing.
func TestSuite(t *testing.T) {
	for _, name := range Names() {
		t.Run("kernel/"+name, func(t *testing.T) {
			var need []string
			if s, one := subsystems[name[len(prefix):]]; one {
				need = s.v1
			}
			suite(t, on(t, needKernel(t, need...)), name)
		})
	}
	t.Run("kernel v2/cgroups/devices", func(t *testing.T) { suite(t, on(t, onlyV2(t)), "cgroups/devices") })
	t.Run("kernel v2/cgroups/hugetlb", func(t *testing.T) {
		l := onlyV2(t)
		if !slices.Contains(l.V2Controllers, "hugetlb") {
			t.Skip("cgroup v2 has no controller hugetlb here")
		}
		suite(t, on(t, l), "cgroups/hugetlb")
	})
	t.Run("kernel v2/cgroups/perf_event", func(t *testing.T) {
		l, version := needPerf(t)
		if version != 2 {
			t.Skip("a cgroup v1 hierarchy with perf_event is mounted")
		}
		suite(t, on(t, l), "cgroups/perf_event")
	})
	t.Run("kernel/cgroups/net_cls with handles", func(t *testing.T) {
		m := on(t, netClasses(t))
		isolatortest.Run(t, isolatortest.Subject{Holds: true, New: func(t *testing.T) isolators.Isolator {
			return m.isolator(t, Options{Handles: handles(t, "0x10", "1,100")}, "cgroups/net_cls")
		}})
	})
	t.Run("fake v2", func(t *testing.T) {
		suite(t, onFake(t), "cgroups/blkio", "cgroups/cpu", "cgroups/cpuset", "cgroups/hugetlb", "cgroups/mem", "cgroups/pids")
	})
}

func suite(t *testing.T, m machine, names ...string) {
	isolatortest.Run(t, isolatortest.Subject{Holds: true, New: func(t *testing.T) isolators.Isolator {
		return m.isolator(t, Options{CFS: true, CountPIDs: true, PIDs: 100, Perf: perf(t, "page-faults,task-clock", 10*time.Millisecond)}, names...)
	}})
}

// onlyV2 is the v2 of the machine, whatever controllers it has.
func onlyV2(t testing.TB) *cgroup.Layout {
	l := needKernel(t)
	if l.V2 == "" {
		t.Skip("cgroup v2 is not mounted")
	}
	l.V1 = nil
	if err := devicePrograms.Missing(); err != nil {
		t.Skip(err)
	}
	return l
}
