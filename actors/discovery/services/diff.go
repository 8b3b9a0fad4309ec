package services

import (
	"cmp"
	"maps"
	"slices"

	"mesos/registry/catalog"
)

// holding is what a catalog holds, with the number of entries on each node.
type holding struct {
	catalog.Held
	count map[string]int
}

func newHolding(h catalog.Held) holding {
	n := map[string]int{}
	for k := range h.Entries {
		n[k.Node]++
	}
	return holding{h, n}
}

// changes are what makes a catalog hold what work wants, in an order that is the same each time: first what is new,
// then what is to go, and last the nodes that hold nothing then. Each holds limit things at most.
func (h holding) changes(w work, limit int) []catalog.Change {
	var out []catalog.Change
	size := limit
	next := func() *catalog.Change {
		if size == limit {
			out, size = append(out, catalog.Change{}), 0
		}
		size++
		return &out[len(out)-1]
	}
	keys, more := sorted(w.keys), map[string]int{} // entries that each node will have more
	for _, k := range keys {
		want, wanted := w.want[k]
		held, is := h.Entries[k]
		if wanted && !is {
			more[k.Node]++
		}
		if wanted && (!is || !want.Equal(held)) {
			c := next()
			c.Put = append(c.Put, want)
		}
	}
	for _, k := range keys {
		_, wanted := w.want[k]
		if held, is := h.Entries[k]; is && !wanted && !w.awaited[k.Node] {
			c := next()
			c.Remove = append(c.Remove, held)
			more[k.Node]--
		}
	}
	for _, node := range h.over(w, more) {
		c := next()
		c.Nodes = append(c.Nodes, node)
	}
	return out
}

// over are the nodes that hold nothing any more, of those that the work is about.
func (h holding) over(w work, more map[string]int) []string {
	if w.full {
		for node := range h.Nodes {
			more[node] += 0
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(more)), func(node string) bool {
		foreign, is := h.Nodes[node]
		return !is || foreign || w.awaited[node] || h.count[node]+more[node] > 0
	})
}

// done notes a change that took place.
func (h holding) done(c catalog.Change) {
	for _, e := range c.Put {
		if _, is := h.Entries[e.Key()]; !is {
			h.count[e.Node]++
		}
		h.Entries[e.Key()] = e
		if _, known := h.Nodes[e.Node]; !known {
			h.Nodes[e.Node] = false
		}
	}
	for _, e := range c.Remove {
		delete(h.Entries, e.Key())
		if h.count[e.Node]--; h.count[e.Node] == 0 {
			delete(h.count, e.Node)
		}
	}
	for _, node := range c.Nodes {
		delete(h.Nodes, node)
	}
}

// parts are changes of one thing each.
func parts(c catalog.Change) []catalog.Change {
	var out []catalog.Change
	for _, e := range c.Put {
		out = append(out, catalog.Change{Put: []catalog.Entry{e}})
	}
	for _, e := range c.Remove {
		out = append(out, catalog.Change{Remove: []catalog.Entry{e}})
	}
	for _, node := range c.Nodes {
		out = append(out, catalog.Change{Nodes: []string{node}})
	}
	return out
}

func sorted(keys map[catalog.Key]bool) []catalog.Key {
	return slices.SortedFunc(maps.Keys(keys), func(a, b catalog.Key) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.ID, b.ID))
	})
}
