package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// API is the REST API of a framework that comes with the cluster: "marathon" or "chronos".
type API struct {
	name string
	base string
	http *http.Client
}

// API is that of the framework name at addr, a host:port or URL; if addr is empty, of the one that is subscribed at the
// master, to which frameworks tell where their pages are.
func (c *Client) API(ctx context.Context, name, addr string) (*API, error) {
	if addr == "" {
		s, err := c.State(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range s.Frameworks {
			if f.Active && strings.HasPrefix(f.Name, name) && f.WebUI != "" {
				addr = f.WebUI
			}
		}
		if addr == "" {
			return nil, fmt.Errorf("no %s is subscribed to this cluster: start one (`%s --help`); `mesos local` has one", name, name)
		}
	}
	if !strings.Contains(addr, "://") {
		addr = c.TLS.Scheme() + "://" + addr
	}
	return &API{name, strings.TrimSuffix(addr, "/"), c.http}, nil
}

// Refused is an answer that is no success.
type Refused struct {
	Framework string // who answers
	Code      int    // of HTTP
	Message   string `json:"message"`
	Details   []struct {
		Path   string   `json:"path"`
		Errors []string `json:"errors"`
	} `json:"details"`
	Deployments []struct { // that are in the way
		ID string `json:"id"`
	} `json:"deployments"`
}

// Error is what the framework says, a line for each field.
func (r *Refused) Error() string {
	lines := []string{fmt.Sprintf("%s refused: %s", r.Framework, r.Message)}
	for _, d := range r.Details {
		lines = append(lines, "  "+d.Path+": "+strings.Join(d.Errors, ", "))
	}
	return strings.Join(lines, "\n")
}

// NotFound says that a framework has no such thing.
func NotFound(err error) bool {
	var r *Refused
	return errors.As(err, &r) && r.Code == http.StatusNotFound
}

// HeaderReader is told of the header of an answer, too.
type HeaderReader interface{ ReadHeader(http.Header) }

// Ask sends a request with body as JSON, nil or an empty [json.RawMessage] for none, and reads the answer into v, which
// may be nil. An answer that is no success is a *[Refused].
func (a *API) Ask(ctx context.Context, method, path string, body, v any) error {
	text, raw := body.(json.RawMessage)
	if body != nil && !raw {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fmt.Errorf("request to %s: %w", a.name, err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("request to %s: %w", a.name, err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := a.http.Do(r)
	if err != nil {
		return fmt.Errorf("no %s answers at %s: %w", a.name, a.base, err)
	}
	defer drain(resp)
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("answer of %s at %s: %w", a.name, a.base, err)
	}
	if resp.StatusCode/100 != 2 {
		x := &Refused{Framework: a.name, Code: resp.StatusCode}
		if json.Unmarshal(answer, x) != nil || x.Message == "" {
			x.Message = resp.Status
		}
		return x
	}
	if v == nil {
		return nil
	}
	if err := json.Unmarshal(answer, v); err != nil {
		return fmt.Errorf("answer of %s at %s: %w", a.name, a.base, err)
	}
	if h, ok := v.(HeaderReader); ok {
		h.ReadHeader(resp.Header)
	}
	return nil
}
