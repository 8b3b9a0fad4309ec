package registry

import (
	"google.golang.org/protobuf/proto"

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
func (s *State) deactivatedBeside(id string) int {
	return s.deactivatedWithout(map[string]bool{id: true})
}

func (s *State) deactivatedWithout(ids map[string]bool) (n int) {
	for _, t := range []Table{Agents, Unreachable} {
		for key, m := range s.rows[t] {
			if !ids[key] && m.(interface{ GetDeactivated() bool }).GetDeactivated() {
				n++
			}
		}
	}
	return n
}

// forgetting adds to changes that drop agents that nobody needs to know of draining
// any more, if the last deactivated one goes.
func (s *State) forgetting(changes []Change) []Change {
	going, any := map[string]bool{}, false
	for _, c := range changes {
		if m, ok := s.rows[c.Table][c.Key].(interface{ GetDeactivated() bool }); ok && c.Value == nil {
			going[c.Key] = true
			any = any || m.GetDeactivated()
		}
	}
	if any && s.deactivatedWithout(going) == 0 {
		return append(changes, release(v1.MasterInfo_Capability_AGENT_DRAINING))
	}
	return changes
}
