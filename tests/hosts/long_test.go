package hosts

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

// minute is how long the faults of these tests last.
const minute = time.Minute

// long lets a test run beside the others of its kind, if they are asked for.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("HOSTS_LONG") == "" {
		t.Skip("it takes minutes: HOSTS_LONG=1 runs it")
	}
	t.Parallel()
}

// The leader is stopped for a minute: another leads meanwhile, and when it goes on it
// says nothing that is not true any more, writes nothing, and ends.
func TestLeaderIsStoppedForAMinute(t *testing.T) {
	long(t)
	w := start(t, options{})
	old, s := leading(w.c.Masters)
	since := time.Now()
	old.Signal(syscall.SIGSTOP)
	f, _ := w.replaced(since, w.others(old), s.ID)
	w.report("leader stopped", f)
	time.Sleep(time.Until(since.Add(minute)))
	_, before := leading(w.others(old))
	w.traffic.changes(t, 1) // which a read that is asked for from here on must see
	late := w.traffic.late(old.Addr, 5)
	old.Signal(syscall.SIGCONT)
	t.Logf("the leader goes on: of 5 reads that waited for it %d are answered", <-late)
	w.over(old)
	w.restartEnded()
	w.traffic.since(t, time.Now())
	if _, now := leading(w.c.Masters); now.ID != before.ID {
		t.Errorf("the leader that went on has disturbed the other: %s leads, want %s", now.ID, before.ID)
	}
	w.untouched()
	w.lawful()
}

// Consul's servers do not reach each other for a minute: nobody leads, the tasks run;
// when they do there is a leader again.
func TestConsulHasNoQuorumForAMinute(t *testing.T) {
	long(t)
	w := start(t, options{})
	old, s := leading(w.c.Masters)
	since := time.Now()
	for i, h := range w.serverHosts {
		w.net.cut(h, w.serverHosts[i+1:]...)
	}
	w.over(old)
	t.Logf("Consul's servers cut off from each other: the leader ends after %v", round(time.Since(since)))
	old.Restart()
	for time.Since(since) < minute {
		if m, s := leading(w.c.Masters); m != nil {
			t.Fatalf("master %s leads without Consul", s.ID)
		}
		time.Sleep(100 * time.Millisecond)
	}
	since = time.Now()
	w.net.heal()
	f, _ := w.replaced(since, w.c.Masters, s.ID)
	w.report("Consul's servers reach each other again", f)
	w.lawful()
}

// Consul's disk is slow: writes take long, and masters that keep their sessions there
// may lose them, but the registry is written on, and when the leader is killed there
// is another.
func TestSlowDisk(t *testing.T) {
	long(t)
	d := newDisk(t)
	w := start(t, options{dir: d.data()})
	_, s := leading(w.c.Masters)
	w.traffic.worst()
	w.traffic.changes(t, 20)
	t.Logf("a disk as it is: the slowest of 20 changes took %v", round(w.traffic.worst()))

	d.throttle(slowWrites, w.consul.All...)
	w.traffic.changes(t, 2) // those that were under way
	w.traffic.worst()
	n := 0
	for since := time.Now(); time.Since(since) < minute; n++ {
		w.traffic.changes(t, 1)
	}
	_, now := leading(w.c.Masters)
	t.Logf("a disk that is written %d times a second: %d changes in a minute, the slowest took %v; the same master leads: %v",
		slowWrites, n, round(w.traffic.worst()), now.ID == s.ID)
	w.restartEnded()
	w.untouched()

	old, s := leading(w.c.Masters)
	since := time.Now()
	old.Kill()
	f, _ := w.replaced(since, w.others(old), s.ID)
	d.throttle(0)
	w.restartEnded()
	w.report("leader killed while the disk is slow", f)
	w.lawful()
}

// slowWrites a second are what Consul's servers may do together. Each change is some
// writes on each of them, and so is each time that a master says it lives.
const slowWrites = 32

// Clocks jump, by an hour forward and back: of the leader, of who follows it, of
// Consul's servers, of agents. Nothing comes of it.
func TestClocksJump(t *testing.T) {
	long(t)
	w := start(t, options{})
	type program struct {
		name string
		pid  int
	}
	var all []program
	for _, p := range w.c.Masters {
		all = append(all, program{p.Name, p.PID()})
	}
	for _, p := range w.c.Agents {
		all = append(all, program{p.Name, p.PID()})
	}
	for i, s := range w.consul.All {
		all = append(all, program{fmt.Sprintf("consul-%d", i), s.PID()})
	}
	_, s := leading(w.c.Masters)
	unmoved := func(what string) {
		t.Helper()
		since := time.Now()
		for time.Since(since) < 5*time.Second { // longer than any session and heartbeat
			w.traffic.changes(t, 1)
		}
		if _, now := leading(w.c.Masters); now.ID != s.ID || int(now.Active) != agents {
			t.Errorf("%s: %s leads with %v agents, want %s with %d", what, now.ID, now.Active, s.ID, agents)
		}
	}
	clocks := map[string]*clock{}
	for _, p := range all {
		clocks[p.name] = clockOf(t, p.pid)
	}
	for _, d := range []time.Duration{time.Hour, -time.Hour} {
		for _, p := range all {
			clocks[p.name].set(t, d)
		}
		unmoved(fmt.Sprintf("all clocks %v ahead", d))
	}
	for i, p := range all { // each another, so that no two agree
		clocks[p.name].set(t, time.Duration(i%2*2-1)*time.Duration(i+1)*10*time.Minute)
	}
	unmoved("each clock another")
	w.untouched()
	for range masters {
		old, s := leading(w.c.Masters)
		since := time.Now()
		old.Kill()
		f, _ := w.replaced(since, w.others(old), s.ID)
		w.restartEnded()
		clockOf(t, old.PID()).set(t, -3*time.Hour)
		w.report("leader killed, another's clock far from its", f)
	}
	w.lawful()
}
