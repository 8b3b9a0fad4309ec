package main

import (
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	d := delay{limit: 3 * time.Second, since: start}
	for _, step := range []struct {
		at        int
		preferred bool
		yes       bool
		wait      time.Duration
	}{
		{0, false, false, 3 * time.Second},
		{2, false, false, time.Second},
		{2, true, true, 0}, // the clock starts again
		{4, false, false, time.Second},
		{5, false, true, 0}, // waited in vain
		{6, false, true, 0}, // and does not wait for each task anew
		{7, true, true, 0},
		{9, false, false, time.Second},
	} {
		yes, wait := d.accepts(step.preferred, at(step.at))
		if yes != step.yes || wait != step.wait {
			t.Errorf("second %d, preferred %v: got %v, %v, want %v, %v", step.at, step.preferred, yes, wait, step.yes, step.wait)
		}
		if yes {
			d.launched(step.preferred, at(step.at))
		}
	}
}

func TestNoDelay(t *testing.T) {
	d := delay{since: time.Unix(0, 0)}
	if yes, _ := d.accepts(false, time.Unix(0, 0)); !yes {
		t.Error("with a limit of 0 any agent must be taken at once")
	}
}
