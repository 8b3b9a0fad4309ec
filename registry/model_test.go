package registry

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	v1 "mesos/messages/mesos/v1"
)

// Whatever is asked for in whatever order, the state does not contradict itself,
// a refused operation changes nothing, an agent that is gone stays gone until it
// is pruned, and what was carried out once changes nothing when asked for again.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewState()
		now := 0
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			now++
			id := fmt.Sprintf("a%d", rapid.IntRange(0, 3).Draw(t, "agent"))
			ops := map[string]Operation{
				"admit": Admit(info(id)), "readmit": Readmit(info(id)), "unreachable": MarkUnreachable(id, at(now)), "gone": MarkGone(id, at(now)),
				"remove": Remove(id), "drain": Drain(id, &v1.DrainConfig{}), "drained": Drained(id), "deactivate": Deactivate(id), "reactivate": Reactivate(id),
				"prune": Prune(at(now), Limit{10 * time.Minute, 2}, 3),
				"away":  AwaitFailover(framework(id), at(now)), "back": CameBack(id), "removed": RemoveFramework(framework(id), at(now)),
				"schedule": UpdateSchedule(schedule(id)), "down": MachinesDown(machine(id)), "up": MachinesUp(machine(id)), "quota": UpdateQuota(quota(id, float64(now%2))),
			}
			names := []string{
				"admit", "readmit", "unreachable", "gone", "remove", "drain", "drained", "deactivate", "reactivate", "prune", "away", "back", "removed", "schedule", "down", "up", "quota",
			}
			name := rapid.SampledFrom(names).Draw(t, "operation")
			before, wasGone := held(s), s.Gone(id) != nil
			_, err := do(s, ops[name])
			if err != nil && held(s) != before {
				t.Fatalf("%s %s was refused (%v) and changed the state", name, id, err)
			}
			if wasGone && s.Gone(id) == nil && name != "prune" {
				t.Fatalf("%s brought %s back, which is gone", name, id)
			}
			if err := s.Check(); err != nil {
				t.Fatalf("after %s %s: %v", name, id, err)
			}
			if again, err := ops[name](s); err == nil && name != "prune" && len(s.needed(again)) > 0 {
				t.Fatalf("%s %s again changes %v", name, id, s.needed(again))
			}
			if asked := s.rows[Capabilities]["AGENT_DRAINING"] != nil; asked != (s.deactivatedBeside("") > 0) {
				t.Fatalf("after %s %s: %d agents are deactivated, and the capability is asked for: %v", name, id, s.deactivatedBeside(""), asked)
			}
		}
	})
}
