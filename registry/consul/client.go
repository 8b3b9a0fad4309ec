package consul

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hashicorp/consul/api"
)

// How long requests may take. Consul elects a server in two to three seconds, and
// fails what comes meanwhile. What it must write to its disks takes longer than what
// it knows.
const (
	reachTime    = time.Second
	askTime      = 2 * time.Second
	writeTime    = 5 * time.Second
	registerTime = 20 * time.Second       // of a session: some writes, one after the other
	lostTime     = 300 * time.Millisecond // to tidy up after a session that is lost
	pollTime     = 20 * time.Second       // of a blocking query
)

// client talks to the first agent that answers.
type client struct {
	conf    Config
	agents  []*api.Client
	current atomic.Int64 // index of the one that answered last
}

func newClient(c Config) (*client, error) {
	out := &client{conf: c}
	for _, addr := range c.Addrs {
		conf := api.DefaultConfig()
		conf.Address, conf.Datacenter = addr, c.Datacenter
		if c.Token != "" {
			conf.Token = c.Token
		}
		if c.TLS {
			conf.Scheme = "https"
			conf.TLSConfig = api.TLSConfig{Address: addr, CAFile: c.CAFile, CertFile: c.CertFile, KeyFile: c.KeyFile}
		}
		a, err := api.NewClient(conf)
		if err != nil {
			return nil, fmt.Errorf("client of Consul at %s: %w", addr, err)
		}
		out.agents = append(out.agents, a)
	}
	return out, nil
}

func (c *client) key(name string) string { return c.conf.Path + "/" + name }

// ask lets f ask one agent after the other until one answers. What f returns must
// be safe to ask again. Each try takes no longer than limit.
func (c *client) ask(ctx context.Context, limit time.Duration, f func(context.Context, *api.Client) error) error {
	var last error
	for range c.agents {
		at := c.current.Load()
		tryCtx, cancel := context.WithTimeout(ctx, limit)
		err := f(tryCtx, c.agents[at])
		cancel()
		if err == nil {
			return nil
		}
		err = c.conf.explain(c.conf.Addrs[at], err)
		if answered(err) {
			return err
		}
		c.current.CompareAndSwap(at, (at+1)%int64(len(c.agents)))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if last != nil {
			err = fmt.Errorf("%w; %w", last, err)
		}
		last = err
	}
	return last
}

// answered says that another agent would answer the same.
func answered(err error) bool {
	var status api.StatusError
	return errors.As(err, &status) && status.Code < http.StatusInternalServerError && status.Code != http.StatusTooManyRequests
}

// get reads a key. With an index it waits until the key is another than at that
// index, or for a while.
func (c *client) get(ctx context.Context, key string, index uint64) (pair *api.KVPair, next uint64, err error) {
	limit := askTime
	if index > 0 {
		limit = pollTime + pollTime/16 + askTime // Consul adds a sixteenth of jitter
	}
	err = c.ask(ctx, limit, func(ctx context.Context, a *api.Client) error {
		o := &api.QueryOptions{RequireConsistent: true, WaitIndex: index, WaitTime: pollTime}
		p, meta, err := a.KV().Get(key, o.WithContext(ctx))
		if err == nil {
			pair, next = p, meta.LastIndex
		}
		return err
	})
	if next < index {
		next = 0 // another Consul: its indexes begin anew
	}
	return pair, next, err
}

// pause waits unless ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
