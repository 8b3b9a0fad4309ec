package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/boltfile"
)

// add reads one row into the state. Rows of a table come in the order of their keys.
func (s *State) add(t table, key, sealed []byte) error {
	value, err := boltfile.Unseal(key, sealed)
	if err == nil {
		switch t {
		case agents:
			err = s.addAgent(value)
		case frameworks:
			info := &v1.FrameworkInfo{}
			err = decode(value, info)
			s.Frameworks = append(s.Frameworks, info)
		case executors:
			err = s.addExecutor(value)
		case tasks:
			err = s.addTask(value)
		case updates:
			err = s.addUpdate(key, value)
		case completed:
			err = s.addCompleted(value)
		case converted:
			m := &internalpb.CheckpointResourcesMessage{}
			err = decode(value, m)
			s.Resources = m.GetResources()
		case operations:
			op := &v1.Operation{}
			err = decode(value, op)
			s.Operations = append(s.Operations, op)
		case drains:
			err = s.addDrain(value)
		case providers:
			err = s.addProvider(value)
		case containers:
			err = s.addContainer(key, value)
		}
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", t, err)
	}
	return nil
}

func (s *State) addAgent(value []byte) error {
	var row agentRow
	if err := json.Unmarshal(value, &row); err != nil {
		return err
	}
	s.Agent = &Agent{ID: row.ID, BootID: row.BootID, Info: &v1.AgentInfo{}}
	return decode(row.Info, s.Agent.Info)
}

func (s *State) addExecutor(value []byte) error {
	var row executorRow
	if err := json.Unmarshal(value, &row); err != nil {
		return err
	}
	e := Executor{
		FrameworkID: row.FrameworkID, ExecutorID: row.ExecutorID, ContainerID: row.ContainerID, Command: row.Command, Subscribed: row.Subscribed, Untried: row.Untried,
		Process: Process{PID: row.PID, Started: row.Started}, Driver: row.Driver, Info: &v1.ExecutorInfo{},
	}
	if row.Container != nil {
		e.Container = &v1.ContainerInfo{}
		if err := decode(row.Container, e.Container); err != nil {
			return err
		}
	}
	s.Executors = append(s.Executors, e)
	return decode(row.Info, e.Info)
}

func (s *State) addTask(value []byte) error {
	var row taskRow
	if err := json.Unmarshal(value, &row); err != nil {
		return err
	}
	t := Task{FrameworkID: row.FrameworkID, ExecutorID: row.ExecutorID, Sent: row.Sent, Group: row.Group, Info: &v1.TaskInfo{}}
	s.Tasks = append(s.Tasks, t)
	return decode(row.Info, t.Info)
}

func (s *State) addUpdate(key, value []byte) error {
	if len(key) != 8 || len(value) == 0 {
		return fmt.Errorf("row %x is no status update", key)
	}
	u := Update{Number: binary.BigEndian.Uint64(key), Acknowledged: value[0] == acknowledgedMark, Update: &internalpb.StatusUpdate{}}
	s.Updates = append(s.Updates, u)
	return decode(value[1:], u.Update)
}

func decode(b []byte, m proto.Message) error {
	return proto.UnmarshalOptions{AllowPartial: true}.Unmarshal(b, m)
}
