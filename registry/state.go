package registry

import (
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	quotav1 "mesos/messages/mesos/v1/quota"
)

// Table names a table of the package comment.
type Table string

// The tables.
const (
	Agents       Table = "agents"
	Unreachable  Table = "unreachable"
	Gone         Table = "gone"
	Machines     Table = "machines"
	Schedule     Table = "schedule"
	Quota        Table = "quota"
	Weights      Table = "weights"
	Capabilities Table = "capabilities"
	Frameworks   Table = "frameworks"
)

// Tables are all tables.
var Tables = []Table{Agents, Unreachable, Gone, Machines, Schedule, Quota, Weights, Capabilities, Frameworks}

// empty makes a message for the values of each table.
var empty = map[Table]func() proto.Message{
	Agents:       func() proto.Message { return &internalpb.Registry_Slave{} },
	Unreachable:  func() proto.Message { return &internalpb.Registry_UnreachableSlave{} },
	Gone:         func() proto.Message { return &internalpb.Registry_GoneSlave{} },
	Machines:     func() proto.Message { return &internalpb.Registry_Machine{} },
	Schedule:     func() proto.Message { return &maintenancev1.Schedule{} },
	Quota:        func() proto.Message { return &quotav1.QuotaConfig{} },
	Weights:      func() proto.Message { return &internalpb.Registry_Weight{} },
	Capabilities: func() proto.Message { return &internalpb.Registry_MinimumCapability{} },
	Frameworks:   func() proto.Message { return &linkpb.RegistryFramework{} },
}

// State is everything the registry knows. Its methods only read; the messages
// that they return must not be changed.
type State struct {
	rows map[Table]map[string]proto.Message
}

// NewState is an empty state.
func NewState() *State {
	s := &State{rows: map[Table]map[string]proto.Message{}}
	for _, t := range Tables {
		s.rows[t] = map[string]proto.Message{}
	}
	return s
}

// Empty says that nothing was ever kept.
func (s *State) Empty() bool {
	for _, t := range s.rows {
		if len(t) > 0 {
			return false
		}
	}
	return true
}

// Len is the number of rows of a table.
func (s *State) Len(t Table) int { return len(s.rows[t]) }

// Keys are the keys of a table in order.
func (s *State) Keys(t Table) []string { return slices.Sorted(maps.Keys(s.rows[t])) }

// Agent is an admitted agent, nil if it is not.
func (s *State) Agent(id string) *internalpb.Registry_Slave {
	return get[*internalpb.Registry_Slave](s, Agents, id)
}

// Unreachable says since when an agent is unreachable, nil if it is not.
func (s *State) Unreachable(id string) *internalpb.Registry_UnreachableSlave {
	return get[*internalpb.Registry_UnreachableSlave](s, Unreachable, id)
}

// Gone says since when an agent is gone, nil if it is not.
func (s *State) Gone(id string) *internalpb.Registry_GoneSlave {
	return get[*internalpb.Registry_GoneSlave](s, Gone, id)
}

// Machine is a machine under maintenance, nil if it is not.
func (s *State) Machine(id *v1.MachineID) *v1.MachineInfo {
	return get[*internalpb.Registry_Machine](s, Machines, MachineKey(id)).GetInfo()
}

// Schedule is the maintenance schedule, nil if there is none.
func (s *State) Schedule() *maintenancev1.Schedule {
	return get[*maintenancev1.Schedule](s, Schedule, scheduleKey)
}

// Quota is the quota of a role, nil if it has none.
func (s *State) Quota(role string) *quotav1.QuotaConfig {
	return get[*quotav1.QuotaConfig](s, Quota, role)
}

// Weight is the weight of a role, 1 if none was set.
func (s *State) Weight(role string) float64 {
	if w := get[*internalpb.Registry_Weight](s, Weights, role); w != nil {
		return w.GetInfo().GetWeight()
	}
	return 1
}

// Framework is what is kept of a framework, nil if nothing is.
func (s *State) Framework(id string) *linkpb.RegistryFramework {
	return get[*linkpb.RegistryFramework](s, Frameworks, id)
}

func get[M proto.Message](s *State, t Table, key string) (none M) {
	if m, ok := s.rows[t][key].(M); ok {
		return m
	}
	return none
}

// clone shares the messages, which never change.
func (s *State) clone() *State {
	c := &State{rows: make(map[Table]map[string]proto.Message, len(s.rows))}
	for t, rows := range s.rows {
		c.rows[t] = maps.Clone(rows)
	}
	return c
}

// apply brings changes into the state.
func (s *State) apply(changes []Change) {
	for _, c := range changes {
		if c.Value == nil {
			delete(s.rows[c.Table], c.Key)
		} else {
			s.rows[c.Table][c.Key] = c.Value
		}
	}
}

// add reads a row of a store into the state.
func (s *State) add(r Row) error {
	mk := empty[Table(r.Table)]
	if mk == nil {
		return fmt.Errorf("table %q is not known", r.Table)
	}
	m := mk()
	if err := proto.Unmarshal(r.Value, m); err != nil {
		return fmt.Errorf("table %s: row %q: %w", r.Table, r.Key, err)
	}
	s.rows[Table(r.Table)][r.Key] = m
	return nil
}
