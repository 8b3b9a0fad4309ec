package checks

import (
	"fmt"
	"slices"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// Health is a finding of a health check.
type Health struct {
	Healthy  bool
	Failures uint32 // that count, in a row
	Kill     bool   // they are too many: the task has to go
	Why      string // it is not healthy
}

// health is the judge of health checks.
type health struct {
	probe    Probe
	statuses []uint32 // HTTP statuses of health; none = 200 to 399
	grace    time.Duration
	limit    uint32

	started  time.Time
	passed   bool // once
	failures uint32
}

func (h *health) start(now time.Time) { h.started = now }

func (h *health) result(now time.Time, r Result, e *Effects) {
	why := h.failure(r)
	if why == "" {
		if !h.passed || h.failures > 0 {
			e.Health = &Health{Healthy: true}
		}
		h.passed, h.failures = true, 0
		return
	}
	if !h.passed && h.grace > 0 && now.Sub(h.started) <= h.grace {
		return
	}
	h.failures++
	e.Health = &Health{Failures: h.failures, Kill: h.failures >= h.limit, Why: fmt.Sprintf("Health check (%s) failed %d of %d times: %s", h.probe, h.failures, max(h.limit, 1), why)}
}

// failure says why a result is no sign of health, "" if it is one.
func (h *health) failure(r Result) string {
	switch {
	case r.Err != nil:
		return r.Err.Error()
	case h.probe.Kind == v1.CheckInfo_COMMAND && r.Exit != 0:
		return fmt.Sprintf("command exited with status %d", r.Exit)
	case h.probe.Kind == v1.CheckInfo_HTTP && !h.good(r.Status):
		return fmt.Sprintf("HTTP status %d", r.Status)
	case h.probe.Kind == v1.CheckInfo_TCP && !r.Connected:
		return "no connection"
	}
	return ""
}

func (h *health) good(status int) bool {
	if len(h.statuses) > 0 {
		return slices.Contains(h.statuses, uint32(status))
	}
	return status >= 200 && status < 400
}
