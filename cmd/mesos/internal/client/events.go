package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"mesos/messages/recordio"
)

// maxEvent bounds one event: the first holds the state of the whole cluster.
const maxEvent = 1 << 30

// Events subscribes to what happens and calls each with every event as JSON, the first being the cluster as it is. It
// returns when ctx is done, each returns an error or the master ends the stream.
func (c *Client) Events(ctx context.Context, each func(json.RawMessage) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.TLS.Scheme()+"://"+c.addr+"/api/v1", strings.NewReader(`{"type":"SUBSCRIBE"}`))
	if err != nil {
		return fmt.Errorf("request to %s: %w", c.addr, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	endless := *c.http
	endless.Timeout = 0
	resp, err := endless.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &UnreachableError{c.addr, err}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return refused(resp)
	}
	for in := recordio.NewReader(resp.Body, maxEvent); ; {
		event, err := in.Read()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, io.EOF):
			return fmt.Errorf("the master at %s ended the stream: it stops or leads no more", c.addr)
		case err != nil:
			return fmt.Errorf("events of %s: %w", c.addr, err)
		}
		if err := each(event); err != nil {
			return err
		}
	}
}
