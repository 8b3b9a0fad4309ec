package simtest

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func ranked(priority string, lends bool) *v1.FrameworkInfo {
	info := aware()
	info.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String("allocator.priority"), Value: proto.String(priority)}}}
	if lends {
		info.Capabilities = append(info.Capabilities, &v1.FrameworkInfo_Capability{Type: v1.FrameworkInfo_Capability_REVOCABLE_RESOURCES.Enum()})
	}
	return info
}

// What a framework of low priority was lent is taken back when one of higher
// priority asks for it, if it agreed to that and if preemption is on.
func TestPreemption(t *testing.T) {
	for _, x := range []struct {
		name      string
		on, lends bool
		killed    bool
	}{{"lent", true, true, true}, {"not lent", true, false, false}, {"off", false, true, false}} {
		t.Run(x.name, func(t *testing.T) {
			Run(t, Options{Agents: 1, Policy: "priority", Allocator: allocator.Options{Preempt: x.on}}, func(c *Cluster) {
				low := c.Framework("low", FrameworkOptions{Info: ranked("1", x.lends)})
				low.Launch("batch", "forever", "cpus:4;mem:1024")
				c.Until(time.Minute, "the batch task to run", low.In("batch", running))
				high := c.Framework("high", FrameworkOptions{Info: ranked("2", false)})
				high.Launch("service", "forever", "cpus:2;mem:512")
				c.Advance(5 * time.Second)
				high.Driver().Request(resources.MustParse("cpus:2;mem:512").Proto())
				if !x.killed {
					c.Advance(10 * time.Minute)
					if !low.In("batch", running)() {
						t.Errorf("the batch task is %v, want it to run on", low.Last("batch"))
					}
					c.Check()
					return
				}
				c.Until(time.Minute, "the service to run", high.In("service", running))
				c.Until(time.Minute, "the batch task's end to be told", low.In("batch", v1.TaskState_TASK_KILLED))
				if s := low.Last("batch"); s.GetReason() != v1.TaskStatus_REASON_CONTAINER_PREEMPTED || !strings.Contains(s.GetMessage(), "higher priority") {
					t.Errorf("got %v, want the reason CONTAINER_PREEMPTED and for whom", s)
				}
				c.Check()
			})
		})
	}
}
