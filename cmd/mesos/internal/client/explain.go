package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// maxExplanation bounds what is read of an explanation: its lists are short.
const maxExplanation = 16 << 20

// Explain gets an explanation, a path below /explain, as JSON. A master that has
// none says so in a [RefusedError].
func (c *Client) Explain(ctx context.Context, path string) ([]byte, error) {
	resp, err := c.do(ctx, c.http, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return nil, refused(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxExplanation))
	if err != nil {
		return nil, fmt.Errorf("answer to %s of %s: %w", path, c.addr, err)
	}
	return body, nil
}
