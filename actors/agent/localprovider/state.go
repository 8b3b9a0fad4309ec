package localprovider

import (
	"encoding/json"
	"fmt"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// stateRow is what a pool's file holds: the messages as protobuf.
type stateRow struct {
	ID         string   `json:"id"`
	Gone       bool     `json:"gone,omitempty"`
	Resources  [][]byte `json:"resources,omitempty"`
	Operations [][]byte `json:"operations,omitempty"`
}

// encode is the pool as its file has it.
func (p *pool) encode(gone bool) ([]byte, error) {
	row := stateRow{ID: p.id, Gone: gone}
	for _, r := range p.made.Proto() {
		b, err := proto.Marshal(r)
		if err != nil {
			return nil, err
		}
		row.Resources = append(row.Resources, b)
	}
	for _, o := range ordered.All(p.operations) {
		b, err := proto.Marshal(o)
		if err != nil {
			return nil, err
		}
		row.Operations = append(row.Operations, b)
	}
	return json.Marshal(row)
}

// decode takes up what a file has; gone says that the pool was marked so.
func (p *pool) decode(text []byte) (gone bool, err error) {
	var row stateRow
	if err := json.Unmarshal(text, &row); err != nil {
		return false, err
	}
	var list []*v1.Resource
	for _, b := range row.Resources {
		r := &v1.Resource{}
		if err := proto.Unmarshal(b, r); err != nil {
			return false, fmt.Errorf("resources: %w", err)
		}
		list = append(list, r)
	}
	if p.made, err = resources.FromProto(list); err != nil {
		return false, err
	}
	for _, b := range row.Operations {
		o := &v1.Operation{}
		if err := proto.Unmarshal(b, o); err != nil {
			return false, fmt.Errorf("operations: %w", err)
		}
		p.operations[string(o.GetUuid().GetValue())] = o
	}
	p.id = row.ID
	return row.Gone, nil
}
