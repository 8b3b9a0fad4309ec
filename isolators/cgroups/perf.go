package cgroups

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

// Perf says which events of containers are counted, and when: for a Duration in each Interval.
type Perf struct {
	events             []perfEvent
	interval, duration time.Duration
}

// ParsePerf reads the flags --perf_events ("cycles,page-faults"), --perf_interval and --perf_duration. Without events it
// gives nil. Whether this machine counts an event, New finds out.
func ParsePerf(events string, interval, duration time.Duration) (*Perf, error) {
	if strings.TrimSpace(events) == "" {
		return nil, nil
	}
	if duration <= 0 {
		return nil, fmt.Errorf("flag --perf_duration %v: want more than 0", duration)
	}
	if interval < duration {
		return nil, fmt.Errorf("flag --perf_interval %v: want at least --perf_duration, %v", interval, duration)
	}
	p := &Perf{interval: interval, duration: duration}
	for text := range strings.SplitSeq(events, ",") {
		e, err := findPerfEvent(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("flag --perf_events: %w", err)
		}
		if !slices.Contains(p.events, e) {
			p.events = append(p.events, e)
		}
	}
	return p, nil
}

// sampled is what is known of the events of a container. Its group's mu guards it.
type sampled struct {
	stop chan struct{} // closed: the goroutine that counts ends; nil: there is none
	last *v1.PerfStatistics
}

func (s *sampled) end() {
	if s.stop != nil {
		close(s.stop)
		s.stop = nil
	}
}

// watchPerf begins to count, now and in each interval, until the container is cleaned up. Counters are open only as long
// as they count: they make each switch between processes dearer.
func watchPerf(o Options, d cgroup.Dir, g *group) error {
	stop := make(chan struct{})
	// As in Mesos, there are figures before anything was counted: of no time at all.
	g.perf = sampled{stop: stop, last: &v1.PerfStatistics{Timestamp: proto.Float64(unixSeconds(time.Now())), Duration: proto.Float64(0)}}
	g.watching.Go(func() {
		for {
			next := time.Now().Add(o.Perf.interval)
			s, err := o.Perf.sample(d, stop)
			switch {
			case err != nil && d.Exists():
				slog.Warn("events of a container were not counted", "container_id", g.id, "error", err)
			case s != nil:
				g.mu.Lock()
				g.perf.last = s
				g.mu.Unlock()
			}
			if !pause(time.Until(next), stop) {
				return
			}
		}
	})
	return nil
}

// sample counts for a duration. It gives nil when it was stopped before that is over.
func (p *Perf) sample(d cgroup.Dir, stop <-chan struct{}) (*v1.PerfStatistics, error) {
	cores, err := coresOnline()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	c, err := openPerf(d, p.events, cores)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if !pause(p.duration, stop) {
		return nil, nil
	}
	counts, err := c.read()
	if err != nil {
		return nil, err
	}
	s := &v1.PerfStatistics{Timestamp: proto.Float64(unixSeconds(began)), Duration: proto.Float64(time.Since(began).Seconds())}
	for n, e := range p.events {
		e.set(s, counts[n])
	}
	return s, nil
}

// pause waits; false if it is to stop.
func pause(d time.Duration, stop <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-stop:
		return false
	}
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// usagePerf tells what was counted last. That its timestamp is old says that counting fails since.
func usagePerf(_ *Isolator, g *group, _ cgroup.Dir, to *v1.ResourceStatistics) error {
	if g.perf.last != nil {
		to.Perf = proto.CloneOf(g.perf.last)
	}
	return nil
}
