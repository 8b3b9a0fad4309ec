package daemon

import (
	"fmt"
	"strings"
	"testing"
)

func TestRoleFlags(t *testing.T) {
	for _, c := range []struct {
		flags map[string]string
		want  string // policy, roles and weights; or part of the error
		bad   bool
	}{
		{nil, "hierarchical [] map[]", false},
		{map[string]string{"allocator": "priority"}, "priority [] map[]", false},
		{map[string]string{"role_sorter": "random", "framework_sorter": "random"}, "random [] map[]", false},
		{map[string]string{"user_sorter": "random"}, "must be equal", true},
		{map[string]string{"allocator": "priority", "role_sorter": "random", "framework_sorter": "random"}, "--allocator=priority", true},
		{map[string]string{"roles": "a, b/c"}, "hierarchical [a b/c] map[]", false},
		{map[string]string{"roles": "a,../b"}, "flag --roles", true},
		{map[string]string{"weights": "a=2.5,b=1"}, "hierarchical [] map[a:2.5 b:1]", false},
		{map[string]string{"weights": "a"}, `flag --weights: "a" is not role=weight`, true},
		{map[string]string{"weights": "a=-1"}, "weight of role", true},
		{map[string]string{"weights": "a=1,a=2"}, "named twice", true},
		{map[string]string{"allocator_agent_recovery_factor": "1.5"}, "flag --allocator_agent_recovery_factor", true},
		{map[string]string{"allocator_recovery_timeout": "0secs"}, "flag --allocator_recovery_timeout", true},
	} {
		f := MasterFlags()
		if err := f.SetAll(map[string]string{"work_dir": "/w"}); err != nil {
			t.Fatal(err)
		}
		if err := f.SetAll(c.flags); err != nil {
			t.Fatal(err)
		}
		s, err := MasterFrom(f)
		got := fmt.Sprint(s.Policy, " ", s.Config.Roles, " ", s.Config.Weights)
		if c.bad != (err != nil) || !c.bad && got != c.want || c.bad && err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %s, %v, want %s", c.flags, got, err, c.want)
		}
	}
}
