package client

import (
	"context"
	"encoding/json"
	"fmt"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// Held is one resource of an agent that is reserved at run time or a volume, whole, as orders name it.
type Held struct {
	AgentID, Hostname string
	Resource          *v1.Resource
}

// Held lists what operators and frameworks reserved, and their volumes.
func (c *Client) Held(ctx context.Context) ([]Held, error) {
	var got struct {
		Agents []struct {
			Info struct {
				ID       Value  `json:"id"`
				Hostname string `json:"hostname"`
			} `json:"agent_info"`
			Total []json.RawMessage `json:"total_resources"`
		} `json:"agents"`
	}
	if err := c.Call(ctx, "GET_AGENTS", nil, &got); err != nil {
		return nil, err
	}
	var out []Held
	for _, a := range got.Agents {
		for _, text := range a.Total {
			r := &v1.Resource{}
			if err := mesosjson.Unmarshal(text, r); err != nil {
				return nil, &StrangerError{c.addr, fmt.Sprintf("a resource of agent %s cannot be read: %v", a.Info.ID.Value, err)}
			}
			if len(r.Reservations) > 0 || r.GetDisk().GetPersistence() != nil {
				out = append(out, Held{a.Info.ID.Value, a.Info.Hostname, upgraded(r)})
			}
		}
	}
	return out, nil
}

// upgraded leaves out the older way to say a reservation: both at once are refused.
func upgraded(r *v1.Resource) *v1.Resource {
	if len(r.Reservations) > 0 {
		r.Role, r.Reservation = nil, nil
	}
	r.AllocationInfo = nil
	return r
}

// Operate sends a call about resources of an agent, like RESERVE_RESOURCES; field is what their list is called there.
func (c *Client) Operate(ctx context.Context, kind, field, agentID string, list ...*v1.Resource) error {
	var out []json.RawMessage
	for _, r := range list {
		text, err := mesosjson.Marshal(r)
		if err != nil {
			return fmt.Errorf("resource %s: %w", r.GetName(), err)
		}
		out = append(out, text)
	}
	return c.Call(ctx, kind, map[string]any{"agent_id": Value{agentID}, field: out}, nil)
}
