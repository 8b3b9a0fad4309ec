package simtest

import (
	"fmt"
	"os"
	"testing"
)

// Each protocol is tried with each fault at each of its messages and writes, which a run without faults tells.
// SIM_COVERAGE=all tries them all and prints the table; without it every seventh is tried, so that all faults have their
// turn.
func TestCrashPoints(t *testing.T) {
	all := os.Getenv("SIM_COVERAGE") != ""
	step := 7
	if raceDetector {
		step = 31
	}
	if all {
		step = 1
		fmt.Println("protocol | point | fault: outcome")
	}
	tried, number := 0, 0
	for _, p := range protocols() {
		t.Run(p.name, func(t *testing.T) {
			points := p.record(t)
			if len(points) < 2 {
				t.Fatalf("the protocol has %d points: %v", len(points), points)
			}
			for _, at := range points {
				row := ""
				for _, what := range at.troubles() {
					if number++; number%step != 0 {
						continue
					}
					tried++
					cell := "FAILED"
					t.Run(fmt.Sprintf("%s/%s", at, what.name), func(t *testing.T) {
						cell = p.try(t, at, what)
					})
					row += fmt.Sprintf(" | %s: %s", what.name, cell)
				}
				if all {
					fmt.Printf("%s | %s%s\n", p.name, at, row)
				}
			}
		})
	}
	t.Logf("%d of %d faults were tried", tried, number)
}

// record plays the protocol without faults and returns its points.
func (p protocol) record(t *testing.T) (points []point) {
	p.run(t, func(x *trial) func(x *trial) {
		before := len(x.c.Faults().Timeline())
		if x.a != nil {
			x.a.Disk.StopAt(0, false)
		}
		x.c.Registry.StopAt(0, false)
		return func(x *trial) {
			points = pointsOf(x.c.Faults().Timeline()[before:], x.a.Disk.Commits(), x.c.Registry.Writes())
		}
	})
	return points
}

// try plays the protocol with one fault and returns its outcome.
func (p protocol) try(t *testing.T, at point, what trouble) (outcome string) {
	p.run(t, func(x *trial) func(x *trial) {
		fired := x.arm(at, what)
		return func(x *trial) {
			outcome = p.outcome(x)
			if !fired() {
				t.Errorf("the run did not come to %s", at)
			}
		}
	})
	return outcome
}
