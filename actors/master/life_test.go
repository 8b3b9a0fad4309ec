package master

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestLives compares the table of an agent's life with the one that reviewers read.
func TestLives(t *testing.T) {
	var b strings.Builder
	for from := range life(len(lifeNames)) {
		for on := range turn(len(turnNames)) {
			if to, ok := lives[from][on]; ok {
				fmt.Fprintf(&b, "%-20s %-24s %s\n", from, on, to)
			}
		}
	}
	want, err := os.ReadFile("testdata/lives.txt")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the table is\n%s\nwant testdata/lives.txt:\n%s", b.String(), want)
	}
}

// Every state can be reached, and every one that waits for the registry can be left.
func TestLivesAreWhole(t *testing.T) {
	reached := map[life]bool{lifeUnknown: true}
	for _, turns := range lives {
		for _, to := range turns {
			reached[to] = true
		}
	}
	for l := range life(len(lifeNames)) {
		if !reached[l] {
			t.Errorf("nothing leads to %v", l)
		}
		if len(lives[l]) == 0 {
			t.Errorf("nothing leads on from %v", l)
		}
	}
}

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
