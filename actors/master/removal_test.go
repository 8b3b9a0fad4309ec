package master

import (
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	start := time.Unix(1000, 0)
	for _, c := range []struct {
		name  string
		every time.Duration
		at    []time.Duration // when it is asked
		want  []time.Duration // how long it says to wait
	}{
		{"none", 0, []time.Duration{0, 0, time.Second}, []time.Duration{0, 0, 0}},
		{"at once", time.Minute, []time.Duration{0, 0, 30 * time.Second}, []time.Duration{0, time.Minute, 30 * time.Second}},
		{"in time", time.Minute, []time.Duration{0, time.Minute, 2 * time.Minute}, []time.Duration{0, 0, 0}},
		{"unused time is not saved", time.Minute, []time.Duration{0, time.Hour, time.Hour}, []time.Duration{0, 0, time.Minute}},
	} {
		l := limiter{every: c.every}
		for i, at := range c.at {
			if got := l.take(start.Add(at)); got != c.want[i] {
				t.Errorf("%s: ask %d at %v: got %v, want %v", c.name, i, at, got, c.want[i])
			}
		}
	}
}
