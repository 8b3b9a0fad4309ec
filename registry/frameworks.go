package registry

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
)

// AwaitFailover keeps until when a framework that is away may come back. One
// that was removed stays removed.
func AwaitFailover(info *v1.FrameworkInfo, deadline time.Time) Operation {
	id := info.GetId().GetValue()
	return func(s *State) ([]Change, error) {
		if s.Framework(id).GetRemoved() != nil {
			return nil, nil
		}
		return []Change{put(Frameworks, id, &linkpb.RegistryFramework{Info: proto.CloneOf(info), FailoverDeadline: stamp(deadline)})}, nil
	}
}

// CameBack forgets the deadline of a framework. One that was removed stays removed.
func CameBack(id string) Operation {
	return func(s *State) ([]Change, error) {
		if s.Framework(id).GetRemoved() != nil {
			return nil, nil
		}
		return []Change{drop(Frameworks, id)}, nil
	}
}

// RemoveFramework keeps that a framework was removed, so that agents that return
// later are told to end what they run of it.
func RemoveFramework(info *v1.FrameworkInfo, at time.Time) Operation {
	id := info.GetId().GetValue()
	return func(s *State) ([]Change, error) {
		if s.Framework(id).GetRemoved() != nil {
			return nil, nil
		}
		return []Change{put(Frameworks, id, &linkpb.RegistryFramework{
			Info: &v1.FrameworkInfo{Id: info.Id, Name: info.Name, User: info.User}, Removed: stamp(at),
		})}, nil
	}
}

// ForgetFramework forgets whatever is kept of a framework.
func ForgetFramework(id string) Operation {
	return func(*State) ([]Change, error) { return []Change{drop(Frameworks, id)}, nil }
}
