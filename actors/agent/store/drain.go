package store

import (
	"encoding/json"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// Drain is the order to empty the agent.
type Drain struct {
	Config *v1.DrainConfig
	Began  time.Time
}

// drainKey is the key of the only row of its table.
const drainKey = "drain"

type drainRow struct {
	Config []byte    `json:"config"`
	Began  time.Time `json:"began"`
}

// PutDrain keeps the order in place of an earlier one.
func PutDrain(d Drain) Write {
	return put(drains, []byte(drainKey), toJSON(drainRow{bytesOf(d.Config), d.Began}))
}

// DeleteDrain forgets it.
func DeleteDrain() Write { return Write{table: drains, key: []byte(drainKey)} }

func (s *State) addDrain(value []byte) error {
	var row drainRow
	if err := json.Unmarshal(value, &row); err != nil {
		return err
	}
	s.Drain = &Drain{&v1.DrainConfig{}, row.Began}
	return decode(row.Config, s.Drain.Config)
}
