package simtest

import (
	"testing"
	"time"

	"mesos/actors/master"
	v1 "mesos/messages/mesos/v1"
)

// An agent with as many executors as it may have is not offered until one ends; those that agents make for tasks do not
// count.
func TestMaxExecutorsPerAgent(t *testing.T) {
	for _, most := range []int{0, 2} {
		Run(t, Options{Agents: 1, Master: master.Config{MaxExecutorsPerAgent: most}}, func(c *Cluster) {
			f := c.Framework("web", FrameworkOptions{Info: aware(), Polite: true})
			f.Launch("plain", "forever", "cpus:0.1;mem:32")
			c.Until(time.Minute, "a task without an executor", f.In("plain", running))
			for _, id := range []string{"a", "b"} {
				f.LaunchTask(forever(id, "of "+id))
				c.Until(time.Minute, "a task in an executor of its own", f.In(id, running))
			}
			f.Launch("more", "true", "cpus:0.1;mem:32")
			if most == 0 {
				c.Until(time.Minute, "a task beside them", f.In("more", finished))
				return
			}
			c.Advance(10 * time.Minute)
			if s := f.Last("more"); s != nil {
				t.Errorf("with %d executors: got %v, want the task to wait for an offer", most, s)
			}
			f.Driver().Kill("a", nil)
			c.Until(time.Minute, "the end of one", f.In("a", v1.TaskState_TASK_KILLED))
			c.Until(time.Minute, "a task when there is room", f.In("more", finished))
			c.Check()
		})
	}
}
