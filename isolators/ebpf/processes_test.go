package ebpf

import (
	"testing"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
)

var demand = isolators.Demand{CPUs: 0.5, Mem: 64 << 20}

func TestProcesses(t *testing.T) {
	set, _ := newMachine(t).ready(t, Options{}, []string{Process})
	p := start(t, set, isolators.Container{ID: "one", Demand: demand}, "for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; /bin/false; done; exit 0")
	p.Release()
	ended(t, p)
	got := figures(t, set, "one")
	want(t, got, map[string]float64{"process_exits": 21, "process_oom_kills": 0})
	if n := got["cpu_wait_seconds count"]; n < 20 || got["cpu_wait_seconds last"] > n || got["cpu_wait_seconds sum"] <= 0 {
		t.Errorf("waits: got %v in %v s, want one for each process at least", n, got["cpu_wait_seconds sum"])
	}
}

func TestOOM(t *testing.T) {
	m := newMachine(t)
	if m.layout.V1["memory"] == "" && len(m.layout.V2Controllers) == 0 {
		t.Skip("no cgroup bounds memory")
	}
	set, _ := m.ready(t, Options{}, []string{Process})
	p := start(t, set, isolators.Container{ID: "one", Demand: isolators.Demand{Mem: 32 << 20}}, "tail /dev/zero; exit 0")
	p.Release()
	ended(t, p)
	isolatortest.Eventually(t, "a kill for want of memory", func() bool { return figures(t, set, "one")["process_oom_kills"] == 1 })
}
