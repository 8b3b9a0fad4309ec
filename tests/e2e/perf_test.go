package e2e

import (
	"testing"
	"time"

	"mesos/isolators/cgroups"
	"mesos/tests/cluster"
)

// TestPerfEvents has an agent count the page faults of a task, and go on with it after its
// death, in containers of its own and of programs.
func TestPerfEvents(t *testing.T) {
	t.Parallel()
	layout := cluster.NeedCgroups(t)
	events, err := cgroups.ParsePerf("page-faults,task-clock", time.Minute, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cgroups.New(layout, cgroups.Options{Root: "mesos", Perf: events}, "cgroups/perf_event"); err != nil {
		t.Skip(err)
	}
	for _, maker := range []string{"mesos", "runc", "lxc"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			if maker != "mesos" {
				needProgram(t, programs[maker].needs)
			}
			testPerfEvents(t, append(programs[maker].flags, "--runtime_dir="+t.TempDir()))
		})
	}
}

func testPerfEvents(t *testing.T, flags []string) {
	cl := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:1;mem:128;disk:0;ports:[31000-31000]", AgentFlags: append(
		flags, "--isolation=cgroups/all", "--perf_events=faults,task-clock", "--perf_interval=1secs", "--perf_duration=200ms", "--executor_reregistration_timeout=15secs",
	)})
	c := asIsolated(t, cl)
	c.launch(c.offer("cpus:1;mem:128;ports:[31000-31000]"), nil, isolatedTask("faulty", "cpus:0.5;mem:64", "while :; do /bin/true; done"))
	counted := func(since float64) (p perfCounts) {
		eventually(t, "page faults to be counted", func() bool {
			p = statisticsOf(t, cl, "faulty").Perf
			return p.Timestamp > since && p.Faults > 0 && p.Clock > 0 && p.Duration >= 0.2
		})
		return p
	}
	first := counted(0)
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	counted(first.Timestamp)
	c.driver.Kill("faulty", nil)
}

// perfCounts are events of a container.
type perfCounts struct {
	Timestamp float64 `json:"timestamp"`
	Duration  float64 `json:"duration"`
	Faults    uint64  `json:"page_faults"`
	Clock     float64 `json:"task_clock"` // milliseconds
}
