package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// maxPage bounds what is read of one path: the state of a big cluster is long.
const maxPage = 1 << 30

// Get gets what stands at a path, as it is. A refusal is a [RefusedError].
func (c *Client) Get(ctx context.Context, path string) ([]byte, error) {
	resp, err := c.do(ctx, c.http, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer drain(resp)
	if resp.StatusCode != http.StatusOK {
		return nil, refused(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	if err != nil {
		return nil, fmt.Errorf("answer to %s of %s: %w", path, c.addr, err)
	}
	return body, nil
}
