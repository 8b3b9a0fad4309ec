// Package services speaks with marathon for the subcommands of `mesos app`: it finds
// it by what it says of itself to the master, reads files of definitions, and
// compares them with what there is. It decides nothing; marathon does.
package services

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"mesos/cmd/mesos/internal/client"
)

// Client is a client of one marathon.
type Client struct{ *client.API }

// Find is a client of the marathon at addr, a host:port or URL, or if that is
// empty of the one that is subscribed at the master.
func Find(ctx context.Context, m *client.Client, addr string) (*Client, error) {
	a, err := m.API(ctx, "marathon", addr)
	if err != nil {
		return nil, err
	}
	return &Client{a}, nil
}

// Ref names a deployment.
type Ref struct {
	ID string `json:"id"`
}

// App is what the commands tell of an app, or of a pod.
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
	Deployments []Ref    `json:"deployments"`
	Pod         bool     `json:"pod,omitempty"` // then Cmd names its containers
	Container   *struct {
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

// Apps are all apps and pods, by id.
func (c *Client) Apps(ctx context.Context) ([]App, error) {
	var x struct{ Apps []App }
	if err := c.Ask(ctx, http.MethodGet, "/v2/apps?embed=apps.counts&embed=apps.deployments", nil, &x); err != nil {
		return nil, err
	}
	pods, err := c.pods(ctx)
	all := append(x.Apps, pods...)
	slices.SortStableFunc(all, func(a, b App) int { return strings.Compare(a.ID, b.ID) })
	return all, err
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
	App   Ref `json:"app"` // of App and Pod one is there
	Pod   Ref `json:"pod"`
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
