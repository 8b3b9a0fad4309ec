package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/actors"
	"mesos/actors/metrics"
	"mesos/cmd/mesos/internal/client"
)

// leaderOf finds where the master that leads listens, as host:port.
func leaderOf(m *client.Client) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		pid, err := m.Leader(ctx)
		if err != nil {
			return "", err
		}
		at, err := actors.ParseUPID(pid)
		return at.Addr, err
	}
}

// withMetrics adds the numbers of the server to an API.
func withMetrics(api http.Handler, reg *metrics.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle("GET /metrics", reg.OpenMetrics())
	mux.HandleFunc("GET /metrics/snapshot", reg.ServeSnapshot)
	return mux
}

// serveSmall serves an API at addr, if that is not "".
func serveSmall(addr string, api http.Handler) (*http.Server, <-chan error, error) {
	s, failed := &http.Server{Addr: addr, Handler: api, ReadHeaderTimeout: 10 * time.Second}, make(chan error, 1)
	if addr == "" {
		return s, failed, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, fmt.Errorf("--http: %w", err)
	}
	s.Addr = l.Addr().String()
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return s, failed, nil
}

// within gives an orderly end two seconds.
func within(stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return stop(ctx)
}

// checkLogFormat complains about a --log_format that there is not.
func checkLogFormat(c *cli.Context) error {
	if f := c.String("log_format"); f != "text" && f != "json" {
		return usageError(c, "--log_format=%s is neither text nor json", f)
	}
	return nil
}
