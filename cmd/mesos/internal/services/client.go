// Package services speaks with marathon for the subcommands of `mesos app`: it finds
// it by what it says of itself to the master, reads files of definitions, and
// compares them with what there is. It decides nothing; marathon does.
package services

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"mesos/cmd/mesos/internal/client"
)

// Client is a client of one marathon.
type Client struct {
	base string
	http *http.Client
}

// Find is a client of the marathon at addr, a host:port or URL, or if that is
// empty of the one that is subscribed at the master.
func Find(ctx context.Context, m *client.Client, addr string) (*Client, error) {
	if addr == "" {
		s, err := m.State(ctx)
		if err != nil {
			return nil, err
		}
		for _, f := range s.Frameworks {
			if f.Active && strings.HasPrefix(f.Name, "marathon") && f.WebUI != "" {
				addr = f.WebUI
			}
		}
		if addr == "" {
			return nil, errors.New("no marathon is subscribed at the master: start one (`mesos local` has one), or name it with --marathon")
		}
	}
	if !strings.Contains(addr, "://") {
		addr = "http://" + addr
	}
	t := &http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}
	return &Client{strings.TrimSuffix(addr, "/"), &http.Client{Transport: t, Timeout: 30 * time.Second}}, nil
}

// Refused is an answer of marathon that is no success.
type Refused struct {
	Code    int
	Message string `json:"message"`
	Details []struct {
		Path   string   `json:"path"`
		Errors []string `json:"errors"`
	} `json:"details"`
}

// Error is what marathon says, a line for each field.
func (r *Refused) Error() string {
	lines := []string{fmt.Sprintf("marathon refused it (%d): %s", r.Code, r.Message)}
	for _, d := range r.Details {
		lines = append(lines, "  "+d.Path+": "+strings.Join(d.Errors, ", "))
	}
	return strings.Join(lines, "\n")
}

// Ask sends a request with body as JSON, nil for none, and reads the answer into v, which may be nil.
func (c *Client) Ask(ctx context.Context, method, path string, body, v any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return fmt.Errorf("request to marathon: %w", err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("request to marathon: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("no marathon answers at %s: %w", c.base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("answer of marathon at %s: %w", c.base, err)
	}
	if resp.StatusCode/100 != 2 {
		x := &Refused{Code: resp.StatusCode}
		if json.Unmarshal(answer, x) != nil || x.Message == "" {
			x.Message = resp.Status
		}
		return x
	}
	if v == nil {
		return nil
	}
	if err := json.Unmarshal(answer, v); err != nil {
		return fmt.Errorf("answer of marathon at %s: %w", c.base, err)
	}
	return nil
}

// Missing says that marathon has no such thing.
func Missing(err error) bool {
	var r *Refused
	return errors.As(err, &r) && r.Code == http.StatusNotFound
}

// App is what the commands tell of an app.
type App struct {
	ID          string   `json:"id"`
	Instances   int      `json:"instances"`
	CPUs        float64  `json:"cpus"`
	Mem         float64  `json:"mem"`
	Staged      int      `json:"tasksStaged"`
	Running     int      `json:"tasksRunning"`
	Healthy     int      `json:"tasksHealthy"`
	Unhealthy   int      `json:"tasksUnhealthy"`
	Version     string   `json:"version"`
	Cmd         string   `json:"cmd"`
	Args        []string `json:"args"`
	Deployments []struct {
		ID string `json:"id"`
	} `json:"deployments"`
	Container *struct {
		Docker *struct {
			Image string `json:"image"`
		} `json:"docker"`
	} `json:"container"`
}

// Deployment is how far one has come.
type Deployment struct {
	ID      string `json:"id"`
	Step    int    `json:"currentStep"`
	Total   int    `json:"totalSteps"`
	Awaits  bool   `json:"awaitsPromotion"`
	Current []struct {
		Action string `json:"action"`
		App    string `json:"app"`
		Pod    string `json:"pod"`
	} `json:"currentActions"`
}

// Apps are all apps.
func (c *Client) Apps(ctx context.Context) ([]App, error) {
	var x struct{ Apps []App }
	err := c.Ask(ctx, http.MethodGet, "/v2/apps?embed=apps.counts&embed=apps.deployments", nil, &x)
	return x.Apps, err
}

// Deployment is one that is on its way, nil if it is over.
func (c *Client) Deployment(ctx context.Context, id string) (*Deployment, error) {
	var list []Deployment
	if err := c.Ask(ctx, http.MethodGet, "/v2/deployments", nil, &list); err != nil {
		return nil, err
	}
	for k := range list {
		if list[k].ID == id {
			return &list[k], nil
		}
	}
	return nil, nil
}

// Waiting is why an app waits.
type Waiting struct {
	App struct {
		ID string `json:"id"`
	} `json:"app"`
	Count int `json:"count"`
	Delay struct {
		Left int `json:"timeLeftSeconds"`
	} `json:"delay"`
	Summary struct {
		Processed int `json:"processedOffersCount"`
		Last      []struct {
			Reason   string `json:"reason"`
			Declined int    `json:"declined"`
		} `json:"rejectSummaryLastOffers"`
	} `json:"processedOffersSummary"`
}

// Queue is what waits to be launched.
func (c *Client) Queue(ctx context.Context) ([]Waiting, error) {
	var x struct{ Queue []Waiting }
	err := c.Ask(ctx, http.MethodGet, "/v2/queue", nil, &x)
	return x.Queue, err
}

// Reason is why instances wait, in one line.
func (w Waiting) Reason() string {
	if w.Delay.Left > 0 {
		return fmt.Sprintf("it failed; launched again in %d s", w.Delay.Left)
	}
	var parts []string
	for _, r := range w.Summary.Last {
		if r.Declined > 0 {
			parts = append(parts, fmt.Sprintf("%s on %d agents", r.Reason, r.Declined))
		}
	}
	if len(parts) == 0 {
		return "no offers yet"
	}
	return strings.Join(parts, ", ")
}

// Role is the role that marathon is offered resources in.
func (c *Client) Role(ctx context.Context) (string, error) {
	var x struct {
		Config struct {
			Role string `json:"mesos_role"`
		} `json:"marathon_config"`
	}
	err := c.Ask(ctx, http.MethodGet, "/v2/info", nil, &x)
	return x.Config.Role, err
}
