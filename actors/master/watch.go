package master

import (
	"cmp"
	"maps"
	"slices"

	"mesos/actors"
)

// connected is an agent or framework that lives at an address.
type connected interface{ sessionEnded(m *Master) }

func (a *agent) sessionEnded(m *Master)     { m.disconnectAgent(a, "the connection to it ended") }
func (f *framework) sessionEnded(m *Master) { m.disconnectFramework(f, "the connection to it ended") }

// watch links to the program at upid and remembers who is concerned by its end.
func (m *Master) watch(c connected, upid actors.UPID) {
	if m.atAddr[upid.Addr] == nil {
		m.atAddr[upid.Addr] = map[connected]struct{}{}
	}
	m.atAddr[upid.Addr][c] = struct{}{}
	m.p.Link(upid)
}

func (m *Master) unwatch(c connected, addr string) {
	delete(m.atAddr[addr], c)
	if len(m.atAddr[addr]) == 0 {
		delete(m.atAddr, addr)
	}
}

// exited is told once for every ended session with a program that registered or subscribed.
func (m *Master) exited(addr string) {
	m.logins.Exited(addr)
	concerned := m.atAddr[addr]
	delete(m.atAddr, addr)
	for _, c := range inOrder(concerned) {
		c.sessionEnded(m)
	}
}

// inOrder returns who is connected in an order that does not change from run to run.
func inOrder(all map[connected]struct{}) []connected {
	return slices.SortedFunc(maps.Keys(all), func(x, y connected) int { return cmp.Compare(connectedID(x), connectedID(y)) })
}

func connectedID(c connected) string {
	switch c := c.(type) {
	case *agent:
		return c.id
	case *framework:
		return c.id
	}
	return ""
}
