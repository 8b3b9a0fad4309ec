package zookeeper

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMasters(t *testing.T) {
	var got []string
	for _, n := range masters([]string{
		"log_replicas", "json.info_0000000012", "info_0000000003", "json.info_x", "json.info_", "other", "json.info_0000000002", "json.info_0000000010",
	}) {
		got = append(got, n.name)
	}
	if want := []string{"json.info_0000000002", "info_0000000003", "json.info_0000000010", "json.info_0000000012"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name  string
		nodes []owner // in the order of their numbers
		want  plan
	}{
		{"nobody", nil, plan{create: true}},
		{"a dead leader's", []owner{earlier}, plan{create: true}},
		{"ours behind a dead leader's", []owner{earlier, earlier, mine}, plan{remove: []string{"n0", "n1"}}},
		{"ours", []owner{mine}, plan{}},
		{"ours before a deposed leader's", []owner{mine, earlier}, plan{}},
		{"ours twice", []owner{mine, mine}, plan{remove: []string{"n1"}}},
		{"a stranger's", []owner{stranger}, plan{rival: "n0"}},
		{"a stranger's behind a dead leader's", []owner{earlier, stranger}, plan{rival: "n1"}},
		{"ours behind a stranger's", []owner{stranger, mine, mine}, plan{rival: "n0", remove: []string{"n2", "n1"}}},
		{"ours before a stranger's", []owner{mine, stranger}, plan{}},
	} {
		if got := decide(numbered(c.nodes)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func numbered(owners []owner) (out []node) {
	for i, o := range owners {
		out = append(out, node{fmt.Sprintf("n%d", i), uint64(i), o})
	}
	return out
}

// Whatever nodes there are, some steps later either the leader has the lowest node and
// no other, or a stranger's is lower and it has none. Strangers' nodes are untouched.
func TestDecideSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := numbered(rapid.SliceOfN(rapid.SampledFrom([]owner{stranger, earlier, mine}), 0, 6).Draw(t, "owners"))
		count := func(o owner) (n int) {
			for _, one := range nodes {
				if one.owner == o {
					n++
				}
			}
			return n
		}
		strangers := count(stranger)
		for range 4 {
			p := decide(nodes)
			nodes = slices.DeleteFunc(nodes, func(n node) bool { return slices.Contains(p.remove, n.name) })
			if p.create {
				nodes = append(nodes, node{fmt.Sprintf("n%d", 100+len(nodes)), uint64(100 + len(nodes)), mine})
			}
		}
		if p := decide(nodes); p.create || len(p.remove) > 0 {
			t.Fatalf("%+v: not settled: %+v", nodes, p)
		}
		leads := len(nodes) > 0 && nodes[0].owner == mine && count(mine) == 1
		waits := strangers > 0 && count(mine) == 0
		if !leads && !waits {
			t.Errorf("settled as %+v", nodes)
		}
		if got := count(stranger); got != strangers {
			t.Errorf("strangers' nodes: got %d, want %d", got, strangers)
		}
	})
}
