package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second}

// waitHealthy returns when the program answers at its path for that; one that ends before fails the test with its log.
func (p *Process) waitHealthy() {
	p.t.Helper()
	err := poll(p.Done(), func() error {
		r, err := p.client().Get(p.URL(p.health))
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answered %s", p.health, r.Status)
		}
		return nil
	})
	if err != nil {
		p.t.Fatalf("health of %s: %v\n%s", p.Name, err, p.tail())
	}
}

// WaitAgents returns when the master counts n active agents.
func (c *Cluster) WaitAgents(n int) {
	c.t.Helper()
	err := poll(c.Master.Done(), func() error {
		var state struct {
			Active float64 `json:"activated_slaves"`
		}
		if err := getJSON(c.Client(), c.Master.URL("/state"), &state); err != nil {
			return err
		}
		if int(state.Active) != n {
			return fmt.Errorf("the master counts %v active agents, want %d", state.Active, n)
		}
		return nil
	})
	if err != nil {
		c.t.Fatalf("%v\n%s", err, c.tails())
	}
}

func getJSON(client *http.Client, url string, into any) error {
	r, err := client.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s answered %s: %s", url, r.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("body of %s: %w", url, err)
	}
	return nil
}

// poll calls f until it returns nil. It gives up with f's last error after patience, or when gone is closed.
func poll(gone <-chan struct{}, f func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-gone:
			return fmt.Errorf("the program ended: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("still not after %v: %w", patience, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
