package agent

import (
	"testing"

	"mesos/actors/containerizer"
)

// classes is a containerizer that knows classes alone.
type classes struct {
	containerizer.Containerizer
	of map[string]uint32
}

func (c classes) NetClass(id string) uint32 { return c.of[id] }

func TestGroupsOf(t *testing.T) {
	c := classes{of: map[string]uint32{"a": 0x12003f}}
	if got := groupsOf(c, "a"); got.GetNetCls().GetClassid() != 0x12003f {
		t.Errorf("got %v, want class 0x12003f", got)
	}
	if got := groupsOf(c, "b"); got != nil {
		t.Errorf("without a class: got %v, want nothing", got)
	}
	if got := groupsOf(c.Containerizer, "a"); got != nil {
		t.Errorf("of a containerizer that knows none: got %v, want nothing", got)
	}
}
