package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Job is what chronos lists of a job.
type Job struct {
	Name         string   `json:"name"`
	Command      string   `json:"command"`
	Schedule     string   `json:"schedule"`
	TimeZone     string   `json:"scheduleTimeZone"`
	Parents      []string `json:"parents"`
	Disabled     bool     `json:"disabled"`
	SuccessCount int64    `json:"successCount"`
	ErrorCount   int64    `json:"errorCount"`
	MissedCount  int64    `json:"missedCount"`
	LastSuccess  string   `json:"lastSuccess"`
	LastError    string   `json:"lastError"`
	State        string   `json:"state"` // idle, queued or "2 running"
}

// Run is what chronos tells of a run of a job. One that was missed may stand for several.
type Run struct {
	Due     time.Time  `json:"due"`
	Phase   string     `json:"phase"`
	Outcome string     `json:"outcome"` // "" while it lives
	Reason  string     `json:"reason"`
	Ended   *time.Time `json:"ended"`
	Until   *time.Time `json:"until"`
	Count   int        `json:"count"`
	Tries   []struct {
		TaskID  string `json:"taskId"`
		AgentID string `json:"agentId"`
		Host    string `json:"host"`
		State   string `json:"state"`
		Message string `json:"message"`
	} `json:"tries"`
}

// Chronos asks the chronos of the cluster and reads the answer into v; nil ignores it. Errors: those of [Client.API] and
// [API.Ask].
func (c *Client) Chronos(ctx context.Context, method, path string, body []byte, v any) error {
	a, err := c.API(ctx, "chronos", "")
	if err != nil {
		return err
	}
	return a.Ask(ctx, method, "/v1/scheduler"+path, json.RawMessage(body), v)
}

// Jobs are all jobs of chronos, in order.
func (c *Client) Jobs(ctx context.Context) ([]Job, error) {
	jobs := []Job{}
	var summary struct {
		Jobs []struct{ Name, State string }
	}
	if err := c.Chronos(ctx, http.MethodGet, "/jobs", nil, &jobs); err != nil {
		return nil, err
	}
	if err := c.Chronos(ctx, http.MethodGet, "/jobs/summary", nil, &summary); err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, j := range summary.Jobs {
		states[j.Name] = j.State
	}
	for i := range jobs {
		jobs[i].State = states[jobs[i].Name]
		if jobs[i].Parents == nil {
			jobs[i].Parents = []string{}
		}
	}
	return jobs, nil
}
