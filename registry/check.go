package registry

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	quotav1 "mesos/messages/mesos/v1/quota"
)

// Check says what of the state contradicts itself: a value under a key that is
// not its own, an agent that is kept twice.
func (s *State) Check() error {
	for _, t := range Tables {
		for _, key := range s.Keys(t) {
			m := s.rows[t][key]
			if err := proto.CheckInitialized(m); err != nil {
				return fmt.Errorf("table %s: row %q: %w", t, key, err)
			}
			if own := keyOf(m); own != key {
				return fmt.Errorf("table %s: row %q holds what belongs under %q", t, key, own)
			}
		}
	}
	sets := []Table{Agents, Unreachable, Gone}
	for i, t := range sets {
		for _, key := range s.Keys(t) {
			if err := ids.Check("agent id", key); err != nil {
				return fmt.Errorf("table %s: %w", t, err)
			}
			twice := func(other Table) bool { return s.rows[other][key] != nil }
			if at := slices.IndexFunc(sets[i+1:], twice); at >= 0 {
				return fmt.Errorf("agent %q is in tables %s and %s", key, t, sets[i+1+at])
			}
		}
	}
	return nil
}

// keyOf is the key that a value must have.
func keyOf(m proto.Message) string {
	switch m := m.(type) {
	case *internalpb.Registry_Slave:
		return m.GetInfo().GetId().GetValue()
	case *internalpb.Registry_UnreachableSlave:
		return m.GetId().GetValue()
	case *internalpb.Registry_GoneSlave:
		return m.GetId().GetValue()
	case *internalpb.Registry_Machine:
		return MachineKey(m.GetInfo().GetId())
	case *quotav1.QuotaConfig:
		return m.GetRole()
	case *internalpb.Registry_Weight:
		return m.GetInfo().GetRole()
	case *internalpb.Registry_MinimumCapability:
		return m.GetCapability()
	case *linkpb.RegistryFramework:
		return m.GetInfo().GetId().GetValue()
	}
	return scheduleKey
}
