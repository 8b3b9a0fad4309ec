package registry

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// Change puts one row, or deletes it if Value is nil. The value must not be
// changed afterwards.
type Change struct {
	Table Table
	Key   string
	Value proto.Message
}

// Operation says what changes, or why the state does not allow it; then it is an
// *[OperationError]. It only reads the state, and the same state gives the same
// changes. One that finds everything as it should be returns nothing.
type Operation func(s *State) ([]Change, error)

func put(t Table, key string, value proto.Message) Change { return Change{t, key, value} }

func drop(t Table, key string) Change { return Change{Table: t, Key: key} }

// needed leaves out the changes that change nothing.
func (s *State) needed(changes []Change) []Change {
	var out []Change
	for _, c := range changes {
		old, there := s.rows[c.Table][c.Key]
		if c.Value == nil && !there || c.Value != nil && there && proto.Equal(old, c.Value) {
			continue
		}
		out = append(out, c)
	}
	return out
}

func (c Change) row() (Row, error) {
	r := Row{Table: string(c.Table), Key: c.Key}
	if c.Value == nil {
		return r, nil
	}
	var err error
	if r.Value, err = (proto.MarshalOptions{Deterministic: true}).Marshal(c.Value); err != nil {
		return r, fmt.Errorf("row %q of table %s: %w", c.Key, c.Table, err)
	}
	if r.Value == nil {
		r.Value = []byte{}
	}
	return r, nil
}

// EncodeAgent is the row of an admitted agent as stores get it.
func EncodeAgent(info *v1.AgentInfo) (Row, error) {
	return put(Agents, info.GetId().GetValue(), &internalpb.Registry_Slave{Info: info}).row()
}
