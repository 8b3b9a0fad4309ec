package hosts

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// rounds is how often the leader is killed and asked to hand over.
func rounds() int {
	n, _ := strconv.Atoi(os.Getenv("HOSTS_ROUNDS"))
	return max(n, 1)
}

// The leader is killed, hands over, loses Consul, loses its agents; Consul loses its
// leader. Each time there is one leader in the end, and no task notices.
func TestLeader(t *testing.T) {
	w := start(t, options{})
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		var all []figures
		for range rounds() {
			all = append(all, w.ended(sig))
		}
		t.Logf("%v of the leader, %d times: %s", sig, len(all), summary(all))
	}
	w.withoutConsul()
	w.withoutAgents()
	w.consulLeaderKilled()
	w.lawful()
}

// ended ends the leader by a signal, and starts it again when there is another.
func (w *world) ended(sig syscall.Signal) figures {
	w.t.Helper()
	old, s := leading(w.c.Masters)
	since := time.Now()
	old.Signal(sig)
	f, _ := w.replaced(since, w.others(old), s.ID)
	w.over(old)
	w.restartEnded()
	w.report(sig.String()+" of the leader", f)
	return f
}

// over waits for a master to end by itself.
func (w *world) over(m *cluster.Process) {
	w.t.Helper()
	select {
	case <-m.Done():
	case <-time.After(patience):
		w.t.Fatalf("%s is deposed and goes on", m.Name)
	}
}

// withoutConsul cuts the leader off from Consul alone: it ends before another leads.
func (w *world) withoutConsul() {
	w.t.Helper()
	old, s := leading(w.c.Masters)
	since := time.Now()
	w.net.cut(w.hostOf(old), w.serverHosts...)
	f, _ := w.replaced(since, w.others(old), s.ID)
	w.over(old)
	w.net.heal()
	w.restartEnded()
	w.report("leader cut off from Consul", f)
}

// withoutAgents cuts the leader off from all agents until it has noticed: it goes on
// leading, and they come back.
func (w *world) withoutAgents() {
	w.t.Helper()
	for range 3 {
		if w.tryWithoutAgents() {
			return
		}
		w.restartEnded()
		w.whole(time.Now(), w.c.Masters)
	}
	w.t.Error("leader cut off from its agents: it does not go on leading")
}

// tryWithoutAgents gives up if the leader loses its session meanwhile, as one may on a
// machine that has no time for it.
func (w *world) tryWithoutAgents() bool {
	w.t.Helper()
	leader, s := leading(w.c.Masters)
	if leader == nil {
		return false
	}
	since, same := time.Now(), true
	w.net.cut(w.hostOf(leader), w.agentHosts...)
	eventually(w.t, "the leader to miss its agents", func() string {
		m, now := leading(w.c.Masters)
		if same = m == nil || now.ID == s.ID; !same {
			return ""
		}
		return unlike("active agents", int(now.Active), 0) + unlike("leaders", len(now.ID), len(s.ID))
	})
	noticed := time.Since(since)
	since = time.Now()
	w.net.heal()
	a, b := w.whole(since, w.c.Masters)
	if _, now := leading(w.c.Masters); !same || now.ID != s.ID {
		w.t.Logf("leader cut off from its agents: another leads, %s for %s", now.ID, s.ID)
		return false
	}
	w.t.Logf("leader cut off from its agents: it has noticed after %v; it reaches them again: all are back after %v, all tasks after %v", round(noticed), round(a), round(b))
	w.untouched()
	return true
}

// consulLeaderKilled kills the Consul server that leads: the leader goes on, unless
// its session was there, and can write as soon as Consul has elected another.
func (w *world) consulLeaderKilled() {
	w.t.Helper()
	_, s := leading(w.c.Masters)
	since := time.Now()
	server := w.consul.Leader()
	w.killServer(server)
	took := w.traffic.since(w.t, since)
	a, b := w.whole(since, w.c.Masters)
	_, now := leading(w.c.Masters)
	w.t.Logf("Consul's leader killed: the registry is written again after %v, all agents are there after %v, all tasks after %v; the same master leads: %v",
		round(took), round(a), round(b), now.ID == s.ID)
	w.startServer(server)
	w.restartEnded()
	w.untouched()
}

// restartEnded starts masters again that have ended, since they lost their session.
func (w *world) restartEnded() {
	w.t.Helper()
	for _, m := range w.c.Masters {
		select {
		case <-m.Done():
			m.Restart()
		default:
		}
	}
}
