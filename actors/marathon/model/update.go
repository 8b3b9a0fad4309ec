package model

import (
	"encoding/json"
	"fmt"
)

// replaces are fields that stand for the same thing: sending one drops the others.
var replaces = map[string][]string{
	"cmd": {"args"}, "args": {"cmd"}, "ports": {"portDefinitions"}, "uris": {"fetch"},
}

// MergeApp is old with the fields that an update sends; null brings back a default.
// id is the absolute id.
func MergeApp(old *App, update []byte, id string) (*App, error) {
	var sent map[string]json.RawMessage
	if err := json.Unmarshal(update, &sent); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	was, err := json.Marshal(old)
	if err != nil {
		return nil, fmt.Errorf("app %s: %w", old.ID, err)
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(was, &fields); err != nil {
		return nil, fmt.Errorf("app %s: %w", old.ID, err)
	}
	for name, value := range sent {
		for _, other := range replaces[name] {
			if _, too := sent[other]; !too && string(value) != "null" {
				delete(fields, other)
			}
		}
		if name == "container" || name == "networks" {
			fields = withoutPorts(fields, sent, name)
		}
		if name == "id" {
			continue // it is checked below, and stays
		}
		fields[name] = value
	}
	if other, ok := sent["id"]; ok {
		fields["id"] = other
	}
	merged, err := json.Marshal(fields)
	if err != nil {
		return nil, fmt.Errorf("app %s: %w", old.ID, err)
	}
	return DecodeApp(merged, Parent(id), id)
}

// withoutPorts drops what belongs to another network than the one that is sent.
func withoutPorts(fields, sent map[string]json.RawMessage, name string) map[string]json.RawMessage {
	var c struct {
		Docker struct {
			Network string `json:"network"`
		} `json:"docker"`
	}
	_ = json.Unmarshal(sent[name], &c) // what is wrong with it is told later
	if name == "container" && c.Docker.Network != "" {
		delete(fields, "networks")
	}
	if _, too := sent["portDefinitions"]; !too && (name == "networks" || c.Docker.Network == "BRIDGE") {
		delete(fields, "portDefinitions")
	}
	return fields
}
