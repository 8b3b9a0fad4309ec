package simtest

import (
	"testing"
	"time"

	"mesos/actors/agent/store"
)

// A task that is killed while its agent is down leaves no executor without
// work behind, wherever the agent died.
func TestKillWhileTheAgentIsDown(t *testing.T) {
	t.Run("command executor", func(t *testing.T) {
		killWhileDownAnywhere(t, func(f *Framework) { f.Launch("t", "sleep 1000000", "cpus:1;mem:32") })
	})
	t.Run("custom executor", func(t *testing.T) {
		killWhileDownAnywhere(t, func(f *Framework) { f.LaunchTask(forever("t", "e")) })
	})
}

func killWhileDownAnywhere(t *testing.T, launch func(f *Framework)) {
	t.Helper()
	for _, after := range []bool{false, true} {
		for i := range 5 { // now the master is quicker to find the agent again, now the executor
			steps, away := 0, 20*time.Second+time.Duration(i)*130*time.Millisecond
			for killWhileDown(t, steps+1, after, away, launch) {
				steps++
			}
			if steps < 5 {
				t.Errorf("after %v, away %v: a task's life took %d commits, want 5 at least: was nothing kept?", after, away, steps)
			}
		}
	}
}

// killWhileDown is false when the task ran before the n-th commit.
func killWhileDown(t *testing.T, n int, after bool, away time.Duration, launch func(f *Framework)) (crashed bool) {
	Run(t, Options{}, func(c *Cluster) {
		a := c.AddAgent("")
		a.Disk.StopAt(n, after)
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		launch(f)
		c.Until(time.Minute, "the task to run or the agent to end", func() bool { return f.In("t", running)() || a.Disk.Stopped() })
		c.Advance(5 * time.Second) // what was told last is acknowledged, or the agent hangs
		if crashed = a.Disk.Stopped(); !crashed {
			return
		}
		a.Crash()
		keepSubscribed(t, a)
		f.Driver().Kill("t", nil)
		c.Advance(away) // its executor looks for it seldom by now
		a.Start()
		c.Until(10*time.Minute, "the task to be over", func() bool { return f.Over("t") })
		c.Advance(time.Minute)
		if left := a.Containers(); left != 0 {
			t.Errorf("crash at commit %d, written %v, away %v: %d containers left, want none; told %v", n, after, away, left, told(f, "t"))
		}
		c.Check()
	})
	return crashed
}

// keepSubscribed has the agent's disk know of each executor that it had
// subscribed: that is a commit of its own if the executor took its time.
func keepSubscribed(t *testing.T, a *Agent) {
	t.Helper()
	s, err := store.OpenMemory(a.Disk)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Load().Executors {
		e.Subscribed = true
		done := make(chan struct{})
		s.Commit(func() { close(done) }, store.PutExecutor(e))
		<-done
	}
	s.Crash()
}
