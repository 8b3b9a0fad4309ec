package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Faults sends one request to the fault injection of a daemon: query is "" or begins with "?". It returns the answer's
// body. A daemon that was started without --fault_rules has none.
func (c *Client) Faults(ctx context.Context, method, query, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.TLS.Scheme()+"://"+c.addr+"/faults"+query, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request to %s: %w", c.addr, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &UnreachableError{c.addr, err}
	}
	defer drain(resp)
	switch resp.StatusCode {
	case http.StatusOK:
		return io.ReadAll(resp.Body)
	case http.StatusNotFound:
		return nil, fmt.Errorf("%s injects no faults: start it with --fault_rules=FILE (never in production)", c.addr)
	}
	return nil, refused(resp)
}
