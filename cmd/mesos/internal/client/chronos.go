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

// errNoChronos is what a cluster without chronos gets.
var errNoChronos = errors.New("no chronos is subscribed to this cluster: start one (`chronos --help`); `mesos local` has one")

// Chronos asks the chronos of the cluster, which names its page to the master, and reads the answer into v; nil ignores it.
func (c *Client) Chronos(ctx context.Context, method, path string, body []byte, v any) error {
	s, err := c.State(ctx)
	if err != nil {
		return err
	}
	for _, f := range s.Frameworks {
		if f.Name == "chronos" && f.Active && f.WebUI != "" {
			return c.askChronos(ctx, method, strings.TrimSuffix(f.WebUI, "/")+"/v1/scheduler"+path, body, v)
		}
	}
	return errNoChronos
}

func (c *Client) askChronos(ctx context.Context, method, url string, body []byte, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("chronos: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("chronos: %w", err)
	}
	defer drain(resp)
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("answer of chronos: %w", err)
	}
	if resp.StatusCode >= 300 {
		var answer struct{ Message string }
		if json.Unmarshal(data, &answer) != nil || answer.Message == "" {
			answer.Message = resp.Status
		}
		return fmt.Errorf("chronos refused: %s", answer.Message)
	}
	if v == nil {
		return nil
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("answer of chronos: %w", err)
	}
	return nil
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
