package simtest

import (
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// A launch is lost on its way to an agent that is then out of reach for so long that the task is told unreachable. The agent
// comes back and knows nothing of it: the framework must learn that, or it would wait for ever.
func TestLaunchLostBeforeItsAgent(t *testing.T) {
	Run(t, Options{Agents: 1, Seed: 1, Referee: true}, func(c *Cluster) {
		c.rule("drop message=RunTaskMessage")
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("lost", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the launch", func() bool { return !f.Wants("lost") })
		heal := c.Net.Partition([]string{c.Master().Addr}, []string{c.Agents[0].Addr()})
		c.Until(10*time.Minute, "the task to be out of reach", f.In("lost", v1.TaskState_TASK_UNREACHABLE))
		c.Faults().Clear()
		heal()
		c.Until(10*time.Minute, "its agent to say that it is dropped", f.In("lost", dropped))
		f.Launch("all", "true", "cpus:4;mem:4096")
		c.Until(time.Minute, "a task on all of the agent", f.In("all", finished))
		c.Check()
	})
}
