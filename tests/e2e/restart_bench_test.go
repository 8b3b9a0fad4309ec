package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// An agent with a thousand live tasks is killed and started again: the time
// until every executor has subscribed to the new one, and the memory of both.
// -benchtime=1x is enough.
func BenchmarkAgentRestart(b *testing.B) {
	const tasks = 1000
	c := cluster.Start(b, cluster.Options{
		Agents: 1, Resources: "cpus:100;mem:64000;disk:64;ports:[31000-31010]", Separate: true,
		AgentFlags: []string{"--registration_backoff_factor=100ms", "--executor_registration_timeout=5mins"},
	})
	commands := map[string]string{}
	for i := range tasks {
		commands["t"+strconv.Itoa(i)] = "exec sleep 1000"
	}
	sched := startBatch(b, c, commands)
	running := func() (n int) {
		for id := range commands {
			if len(sched.states(id)) == 2 {
				n++
			}
		}
		return n
	}
	for deadline := time.Now().Add(5 * time.Minute); running() < tasks; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("%d of %d tasks run after five minutes", running(), tasks)
		}
	}
	agent := c.Agents[0]
	b.ReportMetric(residentMB(b, agent.PID()), "MB-before")
	var total time.Duration
	for range b.N {
		agent.Kill()
		subscribed := strings.Count(agent.Log(), "executor subscribed") + tasks
		start := time.Now()
		agent.Restart()
		eventually(b, "all executors to subscribe", func() bool { return strings.Count(agent.Log(), "executor subscribed") >= subscribed })
		total += time.Since(start)
	}
	if n := sched.over(); n > 0 {
		b.Errorf("%d tasks ended by the restart, want none", n)
	}
	b.ReportMetric(residentMB(b, agent.PID()), "MB-after")
	b.ReportMetric(total.Seconds()/float64(b.N), "s/restart")
	b.ReportMetric(0, "ns/op")
}

func residentMB(b *testing.B, pid int) float64 {
	for _, line := range strings.Split(readFile(fmt.Sprintf("/proc/%d/status", pid)), "\n") {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	b.Fatalf("memory of process %d is not known", pid)
	return 0
}
