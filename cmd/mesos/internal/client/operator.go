package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Call sends a call of the operator API: its type, and what stands in its own part, nil for none. The answer's own part
// is read into out, unless that is nil.
func (c *Client) Call(ctx context.Context, kind string, part, out any) error {
	call := map[string]any{"type": kind}
	if part != nil {
		call[strings.ToLower(kind)] = part
	}
	body, err := json.Marshal(call)
	if err != nil {
		return fmt.Errorf("call %s: %w", kind, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.TLS.Scheme()+"://"+c.addr+"/api/v1", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("request to %s: %w", c.addr, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &UnreachableError{c.addr, err}
	}
	defer drain(resp)
	if resp.StatusCode/100 != 2 {
		return refused(resp)
	}
	if out == nil {
		return nil
	}
	answer := map[string]json.RawMessage{}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return &StrangerError{c.addr, fmt.Sprintf("its answer to %s is no JSON that can be read: %v", kind, err)}
	}
	if err := json.Unmarshal(answer[strings.ToLower(kind)], out); err != nil {
		return &StrangerError{c.addr, fmt.Sprintf("its answer to %s cannot be read: %v", kind, err)}
	}
	return nil
}
