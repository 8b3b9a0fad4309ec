package allocator

import (
	"strings"
	"time"

	"mesos/messages/resources"
)

// lacks is what guarantees of a role and of those below it lack.
func (n *naive) lacks(role, name string) resources.Quantity {
	return max(n.quotas[role].Guarantees[name]-n.charged(role, name), n.below(role, name))
}

// below is what the guarantees of those below a role lack; below "" are all.
func (n *naive) below(role, name string) resources.Quantity {
	var sum resources.Quantity
	for child := range n.quotas {
		if n.parent(child) == role {
			sum += max(0, n.lacks(child, name))
		}
	}
	return sum
}

// parent is the nearest ancestor with a quota, "" if there is none.
func (n *naive) parent(role string) string {
	for {
		i := strings.LastIndex(role, "/")
		if i < 0 {
			return ""
		}
		if role = role[:i]; !n.quotas[role].isEmpty() {
			return role
		}
	}
}

// claim is what a client may take of the headroom.
func (n *naive) claim(cl Client, name string) resources.Quantity {
	var sum resources.Quantity
	for role := range n.quotas {
		if cl.Role == role || strings.HasPrefix(cl.Role, role+"/") {
			sum += max(0, n.lacks(role, name)) - n.below(role, name)
		}
	}
	return sum
}

// guaranteed are the names of resources that are guaranteed to anybody.
func (n *naive) guaranteed() map[string]bool {
	names := map[string]bool{}
	for _, q := range n.quotas {
		for name := range q.Guarantees {
			names[name] = true
		}
	}
	return names
}

// beyondHeadroom is what a client may take of what is free and unreserved.
func (n *naive) beyondHeadroom(cl Client) map[string]resources.Quantity {
	most := map[string]resources.Quantity{}
	for name := range n.guaranteed() {
		var free resources.Quantity
		for _, a := range n.agents {
			if a.active {
				free += freeOf(a, name)
			}
		}
		most[name] = max(0, free-n.below("", name)) + n.claim(cl, name)
	}
	return most
}

func freeOf(a *naiveAgent, name string) resources.Quantity {
	var free resources.Quantity
	for e := range a.free().All() {
		if e.Name() == name && !e.IsReserved() && !e.IsRevocable() {
			free += e.Quantity()
		}
	}
	return free
}

// rank is 0 for those that go first, 1 for others.
func (n *naive) rank(a *naiveAgent, cl Client) int {
	for name := range n.guaranteed() {
		if freeOf(a, name) > 0 && n.claim(cl, name) > 0 {
			return 0
		}
	}
	return 1
}

// inverse asks all holders of agents that will go away to leave, as "framework agent".
func (n *naive) inverse(now time.Time) []string {
	var out []string
	for _, a := range n.agents {
		w := n.windows[a.ID]
		if w == nil {
			continue
		}
		for _, id := range sortedKeys(n.frameworks) {
			holds := false
			for cl := range a.held {
				holds = holds || cl.Framework == id
			}
			if holds && n.frameworks[id].active && !w.out[id] && !w.until[id].After(now) {
				w.out[id] = true
				out = append(out, id+" "+a.ID)
			}
		}
	}
	return out
}
