package cgroups

import (
	"errors"
	"fmt"
	"strings"

	"mesos/isolators"
	"mesos/isolators/cgroup"
)

// PerfEventError is an event that this machine does not count.
type PerfEventError struct {
	Event string
	Works []string // those that it does count
	Err   error    // what the kernel said
}

func (e *PerfEventError) Error() string {
	return fmt.Sprintf("flag --perf_events: this machine does not count %s: %v: want some of %s", e.Event, e.Err, strings.Join(e.Works, ", "))
}

func (e *PerfEventError) Unwrap() error { return e.Err }

// errNoEvents is what cgroups/perf_event alone says; cgroups/all goes without it.
var errNoEvents = errors.New("no events to count: name some with flag --perf_events, as in task-clock,page-faults")

// checkPerf tries the events that were asked for in a hierarchy. The error is errNoEvents, a *PerfEventError, or a
// *isolators.MissingError where nothing can be counted.
func checkPerf(o Options, at cgroup.Dir) error {
	if o.Perf == nil {
		return errNoEvents
	}
	cores, err := coresOnline()
	if err != nil {
		return err
	}
	for _, e := range o.Perf.events {
		if err := tryPerf(at, e, cores[0]); err != nil {
			return perfRefused(at, e, cores[0], err)
		}
	}
	return nil
}

// perfRefused is the error about an event that the kernel does not count.
func perfRefused(at cgroup.Dir, event perfEvent, core int, why error) error {
	refused := &PerfEventError{Event: event.name, Err: why}
	for _, e := range perfEvents {
		if tryPerf(at, e, core) == nil {
			refused.Works = append(refused.Works, e.name)
		}
	}
	if len(refused.Works) == 0 {
		return &isolators.MissingError{Feature: "counters of events in cgroups", Needs: "a kernel with CONFIG_CGROUP_PERF, and the right to perf_event_open", Err: refused.Err}
	}
	return refused
}

// tryPerf says why an event cannot be counted on a core; nil if it can.
func tryPerf(at cgroup.Dir, e perfEvent, core int) error {
	c, err := openPerf(at, []perfEvent{e}, []int{core})
	if err == nil {
		c.close()
	}
	return err
}
