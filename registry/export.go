package registry

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/mesosjson"
)

// Proto is the state as Mesos's Registry, in the order of the keys. master is
// who tells it, nil in an export. Frameworks are not part of that message.
func (s *State) Proto(master *v1.MasterInfo) *internalpb.Registry {
	r := &internalpb.Registry{
		Slaves:      &internalpb.Registry_Slaves{Slaves: all[*internalpb.Registry_Slave](s, Agents)},
		Unreachable: &internalpb.Registry_UnreachableSlaves{Slaves: all[*internalpb.Registry_UnreachableSlave](s, Unreachable)},
		Gone:        &internalpb.Registry_GoneSlaves{Slaves: all[*internalpb.Registry_GoneSlave](s, Gone)},
		Machines:    &internalpb.Registry_Machines{Machines: all[*internalpb.Registry_Machine](s, Machines)},
		Schedules:   all[*maintenancev1.Schedule](s, Schedule), QuotaConfigs: all[*quotav1.QuotaConfig](s, Quota),
		Weights: all[*internalpb.Registry_Weight](s, Weights), MinimumCapabilities: all[*internalpb.Registry_MinimumCapability](s, Capabilities),
	}
	if master != nil {
		r.Master = &internalpb.Registry_Master{Info: master}
	}
	return r
}

// Frameworks are what is kept of frameworks, in the order of their ids.
func (s *State) Frameworks() []*linkpb.RegistryFramework {
	return all[*linkpb.RegistryFramework](s, Frameworks)
}

// Agents are the admitted agents, in the order of their ids.
func (s *State) Agents() []*internalpb.Registry_Slave {
	return all[*internalpb.Registry_Slave](s, Agents)
}

// UnreachableAgents are in the order of their ids.
func (s *State) UnreachableAgents() []*internalpb.Registry_UnreachableSlave {
	return all[*internalpb.Registry_UnreachableSlave](s, Unreachable)
}

// Machines are those under maintenance, in the order of their keys.
func (s *State) Machines() (out []*v1.MachineInfo) {
	for _, key := range s.Keys(Machines) {
		out = append(out, get[*internalpb.Registry_Machine](s, Machines, key).GetInfo())
	}
	return out
}

// GoneAgents are in the order of their ids.
func (s *State) GoneAgents() []*internalpb.Registry_GoneSlave {
	return all[*internalpb.Registry_GoneSlave](s, Gone)
}

func all[M proto.Message](s *State, t Table) []M {
	var out []M
	for _, key := range s.Keys(t) {
		out = append(out, s.rows[t][key].(M))
	}
	return out
}

// export is the form of an exported registry.
type export struct {
	Format     string            `json:"format"`
	Registry   json.RawMessage   `json:"registry"`
	Frameworks []json.RawMessage `json:"frameworks"`
}

// Export writes the state as JSON: Mesos's Registry, and the frameworks beside it.
func (s *State) Export() ([]byte, error) {
	e := export{Format: Format, Frameworks: []json.RawMessage{}}
	var err error
	if e.Registry, err = mesosjson.Marshal(s.Proto(nil)); err != nil {
		return nil, fmt.Errorf("registry as JSON: %w", err)
	}
	for _, f := range s.Frameworks() {
		text, err := mesosjson.Marshal(f)
		if err != nil {
			return nil, fmt.Errorf("framework %s as JSON: %w", f.GetInfo().GetId().GetValue(), err)
		}
		e.Frameworks = append(e.Frameworks, text)
	}
	return json.MarshalIndent(e, "", "  ")
}

// Import reads what Export wrote and checks it.
func Import(text []byte) (*State, error) {
	var e export
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("exported registry: want the JSON that an export wrote: %w", err)
	}
	if e.Format != Format {
		return nil, fmt.Errorf("exported registry: format is %q, want %q", e.Format, Format)
	}
	r := &internalpb.Registry{}
	if err := mesosjson.Unmarshal(e.Registry, r); err != nil {
		return nil, fmt.Errorf("exported registry: registry: %w", err)
	}
	s := NewState()
	var values []Change
	values = append(values, changesOf(Agents, r.GetSlaves().GetSlaves())...)
	values = append(values, changesOf(Unreachable, r.GetUnreachable().GetSlaves())...)
	values = append(values, changesOf(Gone, r.GetGone().GetSlaves())...)
	values = append(values, changesOf(Machines, r.GetMachines().GetMachines())...)
	values = append(values, changesOf(Schedule, r.GetSchedules())...)
	values = append(values, changesOf(Quota, r.GetQuotaConfigs())...)
	values = append(values, changesOf(Weights, r.GetWeights())...)
	values = append(values, changesOf(Capabilities, r.GetMinimumCapabilities())...)
	for i, text := range e.Frameworks {
		f := &linkpb.RegistryFramework{}
		if err := mesosjson.Unmarshal(text, f); err != nil {
			return nil, fmt.Errorf("exported registry: frameworks[%d]: %w", i, err)
		}
		values = append(values, put(Frameworks, keyOf(f), f))
	}
	for _, c := range values {
		if s.rows[c.Table][c.Key] != nil {
			return nil, fmt.Errorf("exported registry: %s holds %q twice", c.Table, c.Key)
		}
		s.apply([]Change{c})
	}
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("exported registry: %w", err)
	}
	return s, nil
}

func changesOf[M proto.Message](t Table, values []M) (out []Change) {
	for _, v := range values {
		out = append(out, put(t, keyOf(v), v))
	}
	return out
}

// ImportBolt makes the registry below a work directory that has none. It is there
// as a whole or not at all.
func ImportBolt(workDir string, s *State) error {
	rows, err := s.Rows()
	if err != nil {
		return err
	}
	return kind.Make(Path(workDir), sealed(rows))
}
