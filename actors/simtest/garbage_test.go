package simtest

import (
	"fmt"
	"testing"
	"time"

	"mesos/actors/agent/gc"
)

var hourly = gc.Policy{Delay: 10 * time.Hour, Headroom: 0.1, Interval: time.Minute}

// A sandbox stays for its time and no longer, whatever becomes of the agent's
// program meanwhile; that of a live task stays in any case.
func TestSandboxesGoInTime(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		Run(t, Options{Collect: hourly}, func(c *Cluster) {
			a := c.AddAgent("")
			f := c.Framework("web", FrameworkOptions{Info: aware()})
			f.Launch("stays", "forever", "cpus:1;mem:32")
			f.Launch("goes", "sleep 10", "cpus:1;mem:32")
			c.Until(time.Minute, "the task to be over", func() bool { return f.Over("goes") })
			c.Advance(time.Minute) // acknowledged
			over := time.Now()
			for time.Since(over) < 8*time.Hour { // of 9: nothing is on the disk, and 1/10 is to be free
				if restarts {
					a.Crash()
					a.Start()
				}
				c.Advance(time.Hour)
				if got := a.Sandboxes.Count(); got != 2 {
					t.Fatalf("restarts %v: got %d sandboxes %v after the task, want 2", restarts, got, time.Since(over))
				}
			}
			c.Advance(time.Hour + 5*time.Minute)
			if got := a.Sandboxes.Count(); got != 1 {
				t.Errorf("restarts %v: got %d sandboxes %v after the task, want that of the live one", restarts, got, time.Since(over))
			}
			c.Advance(20 * time.Hour)
			if got := a.Sandboxes.Count(); got != 1 {
				t.Errorf("restarts %v: got %d sandboxes later, want that of the live one", restarts, got)
			}
		})
	}
}

func TestFullDiskShortensTheTime(t *testing.T) {
	Run(t, Options{Collect: hourly}, func(c *Cluster) {
		a := c.AddAgent("")
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("stays", "forever", "cpus:1;mem:32")
		for i := range 3 {
			f.Launch(fmt.Sprint("t", i), "sleep 1", "cpus:1;mem:32")
		}
		c.Until(time.Minute, "the tasks to be over", func() bool { return f.Over("t0") && f.Over("t1") && f.Over("t2") })
		c.Advance(2 * time.Hour)
		a.Sandboxes.Fill(0.5) // 4 h
		c.Advance(time.Hour)
		if got := a.Sandboxes.Count(); got != 4 {
			t.Errorf("half full: got %d sandboxes, want all 4", got)
		}
		a.Sandboxes.Fill(0.7) // 2 h
		c.Advance(2 * time.Minute)
		if got := a.Sandboxes.Count(); got != 1 {
			t.Errorf("nearly full: got %d sandboxes, want that of the live task", got)
		}
		a.Sandboxes.Fill(1)
		c.Advance(time.Hour)
		if got := a.Sandboxes.Count(); got != 1 || !f.In("stays", running)() {
			t.Errorf("full: got %d sandboxes, and the live task %v", got, f.Last("stays").GetState())
		}
	})
}

// An agent that dies while it removes goes on with that in its next run, and
// finds what the run before it did not get to schedule.
func TestCrashWhileSandboxesGo(t *testing.T) {
	Run(t, Options{Collect: hourly}, func(c *Cluster) {
		a := c.AddAgent("")
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		for i := range 4 {
			f.Launch(fmt.Sprint("t", i), "sleep 1", "cpus:1;mem:32")
		}
		c.Until(time.Minute, "the tasks to be over", func() bool { return f.Over("t0") && f.Over("t1") && f.Over("t2") && f.Over("t3") })
		a.Crash()
		a.Start()
		c.Advance(time.Minute)
		a.Sandboxes.Fill(1)
		c.Until(2*time.Minute, "the first sandbox to go", func() bool { return a.Sandboxes.Count() < 4 })
		a.Crash()
		a.Start()
		c.Until(2*time.Minute, "all sandboxes to go", func() bool { return a.Sandboxes.Count() == 0 })
	})
}
