package registry

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// Supported are the minimum capabilities that this program has.
var Supported = []v1.MasterInfo_Capability_Type{
	v1.MasterInfo_Capability_AGENT_UPDATE, v1.MasterInfo_Capability_AGENT_DRAINING, v1.MasterInfo_Capability_QUOTA_V2,
}

// Lacking are the capabilities that a master must have to lead on this state and
// that this program does not have, in order.
func (s *State) Lacking() (out []string) {
	have := map[string]bool{}
	for _, c := range Supported {
		have[c.String()] = true
	}
	for _, name := range s.Keys(Capabilities) {
		if !have[name] {
			out = append(out, name)
		}
	}
	return out
}

// Require lets only masters with a capability lead from now on.
func Require(c v1.MasterInfo_Capability_Type) Operation {
	return func(*State) ([]Change, error) { return []Change{require(c)}, nil }
}

// Release takes a requirement back.
func Release(c v1.MasterInfo_Capability_Type) Operation {
	return func(*State) ([]Change, error) { return []Change{release(c)}, nil }
}

func require(c v1.MasterInfo_Capability_Type) Change {
	return put(Capabilities, c.String(), &internalpb.Registry_MinimumCapability{Capability: proto.String(c.String())})
}

func release(c v1.MasterInfo_Capability_Type) Change { return drop(Capabilities, c.String()) }
