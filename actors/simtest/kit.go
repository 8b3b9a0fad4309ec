package simtest

import (
	"math/rand/v2"
	"testing"
	"time"

	"mesos/actors"
)

// Subject is somebody's scheduler, to be tried out.
type Subject interface {
	// Start starts it on sys, a program of its own, as a framework of the given master. It uses no goroutines but its
	// actors, and no clock but package time.
	Start(sys *actors.System, master actors.UPID) error
	// Running names the tasks that it believes to run, or to be about to. It is called when the actors rest.
	Running() []string
}

// Trial is how a scheduler is tried.
type Trial struct {
	Recipe Recipe
	Seed   uint64 // not 0; the same seed is the same trial
	Agents int    // 3 if 0
}

// settleTime is how long a trial goes on after its faults: agents repeat an update at least every ten minutes.
const settleTime = 25 * time.Minute

// Try runs a scheduler in a cluster for some minutes of peace, then through the recipe, and then for as long as it
// takes until all is well again. It says what the scheduler did wrong; it fails t only if the cluster itself did.
func Try(t *testing.T, s Subject, trial Trial) Report {
	t.Helper()
	report := Report{Recipe: trial.Recipe.Name, Seed: trial.Seed}
	agents := trial.Agents
	if agents == 0 {
		agents = 3
	}
	Run(t, Options{Agents: agents, Seed: max(trial.Seed, 1)}, func(c *Cluster) {
		p := c.newProgram(c.host(20000))
		w := newWitness(p.addr)
		c.watch(w.delivered)
		if err := s.Start(p.sys, c.Master()); err != nil {
			t.Fatal(err)
		}
		c.Advance(2 * time.Minute)
		trial.Recipe.Break(c, rand.New(rand.NewPCG(trial.Seed, 2)))
		w.healed()
		c.Advance(settleTime)
		c.Check()
		report.Findings = w.findings(s.Running(), c.Runs)
	})
	return report
}
