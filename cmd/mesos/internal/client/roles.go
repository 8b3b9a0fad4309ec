package client

import (
	"context"
	"encoding/json"
	"fmt"
)

// Amounts are scalar resources by name; memory and disk in MB.
type Amounts map[string]float64

// Role is one role as /roles tells it. Amounts include those of the roles below it.
type Role struct {
	Name       string   `json:"name"`
	Weight     float64  `json:"weight"`
	Quota      Quota    `json:"quota"`
	Allocated  Amounts  `json:"allocated"`
	Offered    Amounts  `json:"offered"`
	Reserved   Amounts  `json:"reserved"`
	Frameworks []string `json:"frameworks"`
}

// Quota is what a role may get at most and is kept for it at least.
type Quota struct {
	Guarantee Amounts `json:"guarantee"`
	Limit     Amounts `json:"limit"`
	Consumed  Amounts `json:"consumed"`
}

// UnmarshalJSON reads amounts and leaves out what is no scalar, like ports.
func (a *Amounts) UnmarshalJSON(text []byte) error {
	raw := map[string]any{}
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*a = Amounts{}
	for name, v := range raw {
		if f, ok := v.(float64); ok {
			(*a)[name] = f
		}
	}
	return nil
}

// Roles are the roles that the master knows.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	body, err := c.Get(ctx, "/roles")
	if err != nil {
		return nil, err
	}
	var got struct {
		Roles []Role `json:"roles"`
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return nil, &StrangerError{c.addr, fmt.Sprintf("its /roles is no JSON that can be read: %v", err)}
	}
	return got.Roles, nil
}
