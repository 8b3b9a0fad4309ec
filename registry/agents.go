package registry

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// Admit takes a new agent in. Doing it again with other words of the same agent
// changes what is known of it.
func Admit(info *v1.AgentInfo) Operation {
	id := info.GetId().GetValue()
	return func(s *State) ([]Change, error) {
		switch {
		case s.Gone(id) != nil:
			return nil, &OperationError{"admit", id, ErrGone, ""}
		case s.Unreachable(id) != nil:
			return nil, &OperationError{"admit", id, ErrConflict, "it is unreachable"}
		}
		return []Change{put(Agents, id, withInfo(s.Agent(id), info))}, nil
	}
}

// Readmit takes an agent back that was unreachable, or that an earlier master
// admitted, or whose entry was pruned meanwhile. One that is gone is refused.
func Readmit(info *v1.AgentInfo) Operation {
	id := info.GetId().GetValue()
	return func(s *State) ([]Change, error) {
		if s.Gone(id) != nil {
			return nil, &OperationError{"readmit", id, ErrGone, ""}
		}
		entry := s.Agent(id)
		if u := s.Unreachable(id); u != nil {
			entry = &internalpb.Registry_Slave{DrainInfo: u.DrainInfo, Deactivated: u.Deactivated}
		}
		return []Change{put(Agents, id, withInfo(entry, info)), drop(Unreachable, id)}, nil
	}
}

// withInfo is the entry with that info: the same one if it has it already.
func withInfo(old *internalpb.Registry_Slave, info *v1.AgentInfo) *internalpb.Registry_Slave {
	if old != nil && proto.Equal(old.Info, info) {
		return old
	}
	return &internalpb.Registry_Slave{Info: proto.CloneOf(info), DrainInfo: old.GetDrainInfo(), Deactivated: deactivated(old)}
}

// MarkUnreachable gives an admitted agent up for now. Doing it again changes nothing.
func MarkUnreachable(id string, since time.Time) Operation {
	return func(s *State) ([]Change, error) {
		a := s.Agent(id)
		switch {
		case s.Unreachable(id) != nil:
			return nil, nil
		case a == nil:
			return nil, &OperationError{"mark unreachable", id, ErrNotAdmitted, ""}
		}
		return []Change{
			put(Unreachable, id, &internalpb.Registry_UnreachableSlave{
				Id: ids.Agent(id), Timestamp: stamp(since), DrainInfo: a.DrainInfo, Deactivated: a.Deactivated,
			}),
			drop(Agents, id),
		}, nil
	}
}

// MarkGone gives an agent up for good: it is not taken back. Doing it again
// changes nothing.
func MarkGone(id string, since time.Time) Operation {
	return func(s *State) ([]Change, error) {
		switch {
		case s.Gone(id) != nil:
			return nil, nil
		case s.Agent(id) == nil && s.Unreachable(id) == nil:
			return nil, &OperationError{"mark gone", id, ErrUnknown, "it is neither admitted nor unreachable"}
		}
		return s.forgetting([]Change{
			put(Gone, id, &internalpb.Registry_GoneSlave{Id: ids.Agent(id), Timestamp: stamp(since)}),
			drop(Agents, id), drop(Unreachable, id),
		}), nil
	}
}

// Remove forgets an admitted agent: it left, or another took its place. Doing it
// again changes nothing.
func Remove(id string) Operation {
	return func(s *State) ([]Change, error) { return s.forgetting([]Change{drop(Agents, id)}), nil }
}

func stamp(t time.Time) *v1.TimeInfo { return &v1.TimeInfo{Nanoseconds: proto.Int64(t.UnixNano())} }

func deactivated(a *internalpb.Registry_Slave) *bool {
	if a == nil {
		return nil
	}
	return a.Deactivated
}
