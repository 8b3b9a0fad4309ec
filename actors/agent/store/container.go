package store

import (
	"encoding/json"

	agentv1 "mesos/messages/mesos/v1/agent"
)

// PutContainer keeps a nested or standalone container, or what has changed
// about it.
func PutContainer(c Container) Write {
	return put(containers, []byte(c.ID), toJSON(containerRow{
		Session: c.Session, PID: c.Process.PID, Started: c.Process.Started, Launch: bytesOf(c.Launch),
	}))
}

// DeleteContainer forgets one.
func DeleteContainer(id string) Write { return Write{table: containers, key: []byte(id)} }

type containerRow struct {
	Session bool   `json:"session,omitempty"`
	PID     int    `json:"pid,omitempty"`
	Started uint64 `json:"started,omitempty"`
	Launch  []byte `json:"launch"`
}

func (s *State) addContainer(key, value []byte) error {
	var row containerRow
	if err := json.Unmarshal(value, &row); err != nil {
		return err
	}
	c := Container{ID: string(key), Session: row.Session, Process: Process{PID: row.PID, Started: row.Started}, Launch: &agentv1.Call_LaunchContainer{}}
	s.Containers = append(s.Containers, c)
	return decode(row.Launch, c.Launch)
}
