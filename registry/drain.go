package registry

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// agentEntry is where an agent that is not gone is kept, admitted or unreachable.
type agentEntry struct {
	drain       **v1.DrainInfo
	deactivated **bool
	change      func() Change
}

// entry copies the entry of an agent so that it may be changed.
func (s *State) entry(operation, id string) (agentEntry, error) {
	if a := proto.CloneOf(s.Agent(id)); a != nil {
		return agentEntry{&a.DrainInfo, &a.Deactivated, func() Change { return put(Agents, id, a) }}, nil
	}
	if u := proto.CloneOf(s.Unreachable(id)); u != nil {
		return agentEntry{&u.DrainInfo, &u.Deactivated, func() Change { return put(Unreachable, id, u) }}, nil
	}
	why := ErrUnknown
	if s.Gone(id) != nil {
		why = ErrGone
	}
	return agentEntry{}, &OperationError{operation, id, why, ""}
}

// Drain deactivates an agent and begins to empty it. From then on only masters
// that know of draining may lead.
func Drain(id string, config *v1.DrainConfig) Operation {
	return func(s *State) ([]Change, error) {
		e, err := s.entry("drain", id)
		if err != nil {
			return nil, err
		}
		*e.drain = &v1.DrainInfo{State: v1.DrainState_DRAINING.Enum(), Config: proto.CloneOf(config)}
		*e.deactivated = proto.Bool(true)
		return []Change{e.change(), require(v1.MasterInfo_Capability_AGENT_DRAINING)}, nil
	}
}

// Drained says that nothing runs on a draining agent any more.
func Drained(id string) Operation {
	return func(s *State) ([]Change, error) {
		e, err := s.entry("mark drained", id)
		switch {
		case err != nil:
			return nil, err
		case *e.drain == nil:
			return nil, &OperationError{"mark drained", id, ErrConflict, "it is not draining"}
		}
		(*e.drain).State = v1.DrainState_DRAINED.Enum()
		return []Change{e.change()}, nil
	}
}

// Deactivate stops the offers of an agent.
func Deactivate(id string) Operation {
	return func(s *State) ([]Change, error) {
		e, err := s.entry("deactivate", id)
		if err != nil {
			return nil, err
		}
		*e.deactivated = proto.Bool(true)
		return []Change{e.change(), require(v1.MasterInfo_Capability_AGENT_DRAINING)}, nil
	}
}

// Reactivate lets a deactivated or drained agent be offered again. When it was
// the last one, masters that do not know of draining may lead again.
func Reactivate(id string) Operation {
	return func(s *State) ([]Change, error) {
		e, err := s.entry("reactivate", id)
		switch {
		case err != nil:
			return nil, err
		case *e.deactivated == nil || !**e.deactivated:
			return nil, &OperationError{"reactivate", id, ErrConflict, "it is not deactivated"}
		case *e.drain != nil && (*e.drain).GetState() == v1.DrainState_DRAINING:
			return nil, &OperationError{"reactivate", id, ErrConflict, "it is draining: wait until it is drained"}
		}
		*e.drain, *e.deactivated = nil, nil
		changes := []Change{e.change()}
		if s.deactivatedBeside(id) == 0 {
			changes = append(changes, release(v1.MasterInfo_Capability_AGENT_DRAINING))
		}
		return changes, nil
	}
}

// deactivatedBeside counts the deactivated agents other than id.
func (s *State) deactivatedBeside(id string) (n int) {
	for key, m := range s.rows[Agents] {
		if key != id && m.(*internalpb.Registry_Slave).GetDeactivated() {
			n++
		}
	}
	for key, m := range s.rows[Unreachable] {
		if key != id && m.(*internalpb.Registry_UnreachableSlave).GetDeactivated() {
			n++
		}
	}
	return n
}
