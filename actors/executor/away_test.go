package executor

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"mesos/actors/link"
)

// knowing is a world that knows why its agent is away.
type knowing struct{ *world }

func (knowing) WhyEnded(addr string) error { return errors.New("no way to " + addr) }

// An executor says once that its agent cannot be reached, why and for how long it tries, and once that it is back.
func TestAgentIsAway(t *testing.T) {
	var out bytes.Buffer
	w := newWorld(func(c *Config) {
		c.Checkpoint, c.Log = true, slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	w.d.rt = knowing{w}
	said := func(n int, words ...string) {
		t.Helper()
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != n && (n > 0 || out.Len() > 0) {
			t.Fatalf("got %q, want %d lines", out.String(), n)
		}
		for _, word := range words {
			if !strings.Contains(lines[n-1], word) {
				t.Errorf("got %q, want it to say %q", lines[n-1], word)
			}
		}
	}
	w.d.Start()
	w.event(accepted)
	said(0)
	for range 3 {
		w.exited()
		w.pass(time.Second)
	}
	said(1, "the agent cannot be reached", "agent="+agent.Addr, `error="no way to `+agent.Addr, "tries_for=1m0s")
	w.event(accepted)
	said(2, "the agent is back", "after=3s")
	w.exited()
	w.pass(time.Hour)
	said(4, "the agent is gone")
}

// Where nothing is known of why, and the framework does not checkpoint.
func TestAgentIsAwayForGood(t *testing.T) {
	var out bytes.Buffer
	w := newWorld(func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) })
	w.d.Start()
	w.event(accepted)
	w.exited()
	if s := out.String(); !strings.Contains(s, "tries_for=0s") || !strings.Contains(s, errNotKnown.Error()) || !strings.Contains(s, "the agent is gone") {
		t.Errorf("got %q, want that the agent cannot be reached, and is gone", s)
	}
}

var _ whyEnder = (*link.Loop)(nil)
