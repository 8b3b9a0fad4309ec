package checks

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// bench is a Runtime and a Prober on the clock of a synctest bubble. Each probe
// takes its time from a list and succeeds, unless it is cancelled.
type bench struct {
	mu    sync.Mutex // one goroutine at a time
	begin time.Time
	takes []time.Duration
	lines []string
}

func (b *bench) say(text string) {
	b.lines = append(b.lines, fmt.Sprint(time.Since(b.begin), " ", text))
}

func (b *bench) Delay(d time.Duration, f func()) func() {
	cancelled := false
	t := time.AfterFunc(d, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if !cancelled {
			f()
		}
	})
	return func() { cancelled = true; t.Stop() }
}

func (b *bench) Probe(_ Probe, done func(Result)) func() {
	b.say("probe")
	took := b.takes[0]
	b.takes = b.takes[1:]
	over := false
	end := func(r Result) {
		if !over {
			over = true
			done(r)
		}
	}
	b.Delay(took, func() { end(Result{}) })
	return func() {
		b.say("cancel")
		b.Delay(time.Second, func() { end(Result{Err: errors.New("cancelled")}) }) // processes take a while to die
	}
}

func (b *bench) run(t *testing.T, c *v1.HealthCheck, stopAt time.Duration) *Runner {
	t.Helper()
	m, err := NewHealth(c)
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begin = time.Now()
	var r *Runner
	r = Run(b, b, time.Now, m, func(e Effects) {
		b.say(tellEffects(Effects{Health: e.Health}, b.begin))
		if e.Health.Kill {
			r.Stop()
		}
	})
	b.Delay(stopAt, r.Stop)
	return r
}

func TestRunner(t *testing.T) {
	check := func() *v1.HealthCheck {
		return &v1.HealthCheck{
			Type: v1.HealthCheck_COMMAND.Enum(), Command: &v1.CommandInfo{}, GracePeriodSeconds: proto.Float64(0),
			DelaySeconds: proto.Float64(2), IntervalSeconds: proto.Float64(3), TimeoutSeconds: proto.Float64(5), ConsecutiveFailures: proto.Uint32(2),
		}
	}
	for _, c := range []struct {
		name  string
		takes []time.Duration
		stop  time.Duration
		want  []string
	}{
		{"kill stops it", []time.Duration{time.Second, time.Hour, time.Hour}, time.Hour,
			[]string{"2s probe", "3s healthy", "6s probe", "11s cancel", "12s unhealthy 1", "15s probe", "20s cancel", "21s unhealthy 2 kill"}},
		{"stopped in a probe", []time.Duration{time.Hour}, 4 * time.Second, []string{"2s probe", "4s cancel"}},
		{"stopped between probes", []time.Duration{time.Second}, 4 * time.Second, []string{"2s probe", "3s healthy"}},
		{"stopped before the first", nil, time.Second, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bench{takes: c.takes}
				b.run(t, check(), c.stop)
				time.Sleep(2 * time.Hour)
				b.mu.Lock()
				defer b.mu.Unlock()
				if !slices.Equal(b.lines, c.want) {
					t.Errorf("got %q, want %q", b.lines, c.want)
				}
			})
		})
	}
}
