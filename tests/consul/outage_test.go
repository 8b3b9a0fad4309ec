package consul

import (
	"syscall"
	"testing"
	"time"
)

// Consul does not answer at all: the leader stops leading by itself, before anyone
// could tell it, nobody leads, the tasks run; when Consul is back another leads.
func TestConsulIsSilent(t *testing.T) {
	w := start(t, 2, 4)
	leader, s := leading(w.c.Masters)
	since := time.Now()
	for _, one := range w.consul.All {
		one.Signal(syscall.SIGSTOP)
	}
	select {
	case <-leader.Done():
		t.Logf("the leader ends %v after Consul has fallen silent", round(time.Since(since)))
	case <-time.After(patience):
		t.Fatal("a leader that cannot reach Consul goes on")
	}
	rest := others(w.c.Masters, leader)
	for _, m := range rest {
		if code, _, body := fetch(m.URL("/state")); code == 200 {
			t.Errorf("a standby leads without Consul: %.200s", body)
		}
	}
	since = time.Now()
	for _, one := range w.consul.All {
		one.Signal(syscall.SIGCONT)
	}
	serving, agents, all, _ := w.back(since, rest, s.ID)
	t.Logf("Consul is back: a new leader serves after %v, all agents are back after %v, all tasks after %v", round(serving), round(agents), round(all))
	w.untouched()
}

// Consul loses its quorum: the leader ends within its session's time, since nobody
// renews that; when the quorum is back there is one again.
func TestConsulLosesItsQuorum(t *testing.T) {
	w := start(t, 2, 4)
	leader, s := leading(w.c.Masters)
	since := time.Now()
	for _, one := range w.consul.All[1:] {
		one.Kill()
	}
	select {
	case <-leader.Done():
		t.Logf("the leader ends %v after Consul has lost its quorum", round(time.Since(since)))
	case <-time.After(patience):
		t.Fatal("a leader whose session is not renewed goes on")
	}
	for _, one := range w.consul.All[1:] {
		one.Start()
	}
	leader.Restart()
	since = time.Now()
	serving, agents, all, _ := w.back(since, w.c.Masters, s.ID)
	t.Logf("the quorum is back: a new leader serves after %v, all agents are back after %v, all tasks after %v", round(serving), round(agents), round(all))
	w.untouched()
}
