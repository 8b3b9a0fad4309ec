package simtest

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	"mesos/actors/memnet"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// given is what masters told agents, and what of it must be durable by then.
type given struct {
	ids  map[string][]string // of agents, by address, in the order in which they were given
	down map[string]bool     // by address without port: machines that are, or were, down
	is   map[string]bool     // that are
}

func newGiven() given { return given{map[string][]string{}, map[string]bool{}, map[string]bool{}} }

// chance decides what becomes of a message.
type chance func(from, to link.UPID, m proto.Message) memnet.Fate

// fate looks at a message that is sent, and has the cluster's chance decide what becomes of it.
func (c *Cluster) fate(from, to link.UPID, m proto.Message) memnet.Fate {
	c.referee.sent(to, m)
	if f := c.chance.Load(); f != nil {
		return (*f)(from, to, m)
	}
	return memnet.Arrives
}

// sent looks at orders to agents when they are given: an agent is ended only when it is durable why.
func (r *referee) sent(to link.UPID, m proto.Message) {
	switch m := m.(type) {
	case *internalpb.SlaveRegisteredMessage:
		r.named(to.Addr, m.GetSlaveId().GetValue())
	case *internalpb.SlaveReregisteredMessage:
		r.named(to.Addr, m.GetSlaveId().GetValue())
	case *internalpb.ShutdownMessage:
		if !r.mayEnd(to.Addr) {
			r.fail("agent %s is told to end (%s) before it is durable that it is gone or its machine is down", to.Addr, m.GetMessage())
		}
	}
}

func (r *referee) named(addr, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.agents.ids[addr]; len(known) == 0 || known[len(known)-1] != id {
		r.agents.ids[addr] = append(known, id)
	}
}

// mayEnd says that one of the ids that an address ever had is gone, or its machine is or was down. One that never had an id
// is refused for what it says of itself.
func (r *referee) mayEnd(addr string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := r.agents.ids[addr]
	for _, id := range ids {
		if r.gone[id] {
			return true
		}
	}
	return len(ids) == 0 || r.agents.down[hostOf(addr)]
}

// machineWritten notes which machines are down. r.mu is not held.
func (r *referee) machineWritten(row registry.Row) {
	host := row.Key[strings.LastIndexByte(row.Key, ' ')+1:]
	m := &internalpb.Registry_Machine{}
	is := row.Value != nil && proto.Unmarshal(row.Value, m) == nil && m.GetInfo().GetMode() == v1.MachineInfo_DOWN
	r.mu.Lock()
	defer r.mu.Unlock()
	r.agents.is[host] = is
	r.agents.down[host] = r.agents.down[host] || is
}

// isDown says that the machine at an address is down by the registry.
func (r *referee) isDown(addr string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.agents.is[hostOf(addr)]
}

func hostOf(addr string) string {
	host, _, _ := strings.Cut(addr, ":")
	return host
}
