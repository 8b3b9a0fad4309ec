package simtest

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/agent/store"
	v1 "mesos/messages/mesos/v1"
)

func inRoles(roles ...string) *v1.FrameworkInfo {
	info := aware()
	info.Capabilities = append(info.Capabilities, &v1.FrameworkInfo_Capability{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()})
	info.Roles = roles
	return info
}

// A framework changes what it says of itself: offers of the role that it left
// are taken back, those of the new one come, and the agents know.
func TestUpdateFramework(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: inRoles("a"), HoldOffer: true})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		role := func(want string) func() bool {
			return func() bool {
				held := f.Held()
				return len(held) == 1 && held[0].GetAllocationInfo().GetRole() == want
			}
		}
		c.Until(time.Minute, "an offer for the first role", role("a"))
		info := inRoles("b")
		info.User, info.Name = proto.String("root"), proto.String("renamed")
		f.Driver().UpdateFramework(info)
		c.Until(time.Minute, "an offer for the second role instead", role("b"))
		c.Advance(time.Second)
		c.Agents[0].Crash()
		kept, err := store.OpenMemory(c.Agents[0].Disk)
		if err != nil {
			t.Fatal(err)
		}
		if known := kept.Load().Frameworks; len(known) != 1 || known[0].GetName() != "renamed" {
			t.Errorf("the agent knows frameworks %v, want the renamed one", known)
		}
		kept.Crash()
		// The master is replaced: the driver subscribes as what it is now.
		c.CrashMaster()
		c.StartMaster()
		c.Agents[0].Start()
		c.Until(time.Minute, "an offer of the next master for the second role", role("b"))
		c.Check()
	})
}
