package simtest

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// An executor that ends while its agent is down is told as a failure like any
// other, once.
func TestExecutorVanishes(t *testing.T) {
	for name, away := range map[string]func(c *Cluster){
		"the agent is down": func(c *Cluster) {
			c.Agents[0].Crash()
			c.Agents[0].CrashExecutors()
			c.Advance(time.Second)
			c.Agents[0].Start()
		},
		"the agent is restarted with its executor alive": func(c *Cluster) {
			c.Agents[0].Crash()
			c.Agents[0].Start()
			c.Advance(10 * time.Second)
			c.Agents[0].CrashExecutors()
		},
	} {
		t.Run(name, func(t *testing.T) {
			Run(t, Options{Agents: 1}, func(c *Cluster) {
				f := c.Framework("web", FrameworkOptions{Info: aware()})
				task := custom("a", "e", "x")
				task.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String("model"), Value: proto.String("forever")}}}
				f.LaunchTask(task)
				c.Until(time.Minute, "the task to run", f.In("a", running))
				away(c)
				c.Until(time.Minute, "the task to fail", f.In("a", failed))
				c.Until(time.Minute, "the executor's end to be told", func() bool { return len(f.Failures()) > 0 })
				c.Advance(time.Minute)
				if n := len(f.Failures()); n != 1 {
					t.Errorf("got %d failures, want one", n)
				}
				if got := f.Failures()[0].GetExecutorId().GetValue(); got != "e" {
					t.Errorf("the failure names executor %q, want e", got)
				}
				// All of the agent is free again, the executor's share included.
				f.Launch("all", "true", "cpus:4;mem:4096")
				c.Until(time.Minute, "a task on all of the agent", f.In("all", finished))
				c.Check()
			})
		})
	}
}
