package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/actors"
	"mesos/actors/metrics"
	"mesos/cmd/flags"
	"mesos/cmd/internal/daemon"
	"mesos/cmd/internal/ssl"
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

// service is what a subcommand that goes on until Ctrl-C has beside its work: a log, metrics, and a page over HTTP if
// --http asks for one.
type service struct {
	log  *slog.Logger
	reg  *metrics.Registry
	addr string // of the page, "" for none

	page   *http.Server
	failed chan error
}

// serviceFlags are those of such a subcommand; more says what else than metrics the page has.
func serviceFlags(more string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "http", Usage: "`HOST:PORT` for " + more + "/metrics"},
		&cli.StringFlag{Name: "log_format", Value: flags.LogFormat().Default, Usage: flags.LogFormat().Usage},
	}
}

// startService starts the page, which serves api and the metrics.
func startService(c *cli.Context, api http.Handler) (*service, error) {
	s := &service{log: daemon.Logger(c.String("log_format"), slog.LevelInfo), reg: metrics.NewRegistry(), failed: make(chan error, 1)}
	s.reg.AddSystem()
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.Handle("GET /metrics", s.reg.OpenMetrics())
	mux.HandleFunc("GET /metrics/snapshot", s.reg.ServeSnapshot)
	s.page = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	addr := c.String("http")
	if addr == "" {
		return s, nil
	}
	by, err := ssl.FromEnvironment(os.Environ(), true, s.log)
	if err != nil {
		s.reg.Close()
		return nil, fmt.Errorf("--http: %w", err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		s.reg.Close()
		return nil, fmt.Errorf("--http: %w", err)
	}
	s.addr = l.Addr().String()
	go func() {
		if err := s.page.Serve(by.Listener(l)); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// wait returns when ctx ends, or when the page fails.
func (s *service) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// stop ends the page and the metrics.
func (s *service) stop() error {
	defer s.reg.Close()
	return within(s.page.Shutdown)
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
