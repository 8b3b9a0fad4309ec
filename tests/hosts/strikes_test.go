package hosts

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"mesos/tests/cluster"
)

// strike is one thing that befalls a cluster with chronos. begin returns what ends it.
type strike struct {
	what  string
	long  bool // until others have noticed, and not just for a moment
	begin func(k *crons, r *rand.Rand) (end func())
}

func nothing() {}

// strikes are all that TestChronosUnderCuts knows.
var strikes = []strike{
	{"chronos that leads: kill -9", false, func(k *crons, _ *rand.Rand) func() { return k.killed(k.leader()) }},
	{"chronos that leads: SIGTERM", false, func(k *crons, _ *rand.Rand) func() { signal(k.leader(), syscall.SIGTERM); return nothing }},
	{"chronos that leads: SIGSTOP for a moment", false, func(k *crons, _ *rand.Rand) func() { return halted(k.leader()) }},
	{"chronos that leads: SIGSTOP until another leads", true, func(k *crons, _ *rand.Rand) func() { return halted(k.leader()) }},
	{"chronos that leads: cut off from Consul", true, func(k *crons, _ *rand.Rand) func() { return k.cutting(k.hostOfCron(k.leader()), k.serverHosts) }},
	{"chronos that leads: cut off from the masters", true, func(k *crons, _ *rand.Rand) func() { return k.cutting(k.hostOfCron(k.leader()), k.masterHosts) }},
	{"chronos that leads: the masters do not hear it", true, func(k *crons, _ *rand.Rand) func() {
		k.net.lose(k.hostOfCron(k.leader()), k.masterHosts...)
		return k.net.heal
	}},
	{"chronos that leads: it does not hear the master", true, func(k *crons, _ *rand.Rand) func() {
		k.net.lose(k.hostOf(k.master()), k.hostOfCron(k.leader()))
		return k.net.heal
	}},
	{"master that leads: kill -9", false, func(k *crons, _ *rand.Rand) func() { return k.killed(k.master()) }},
	{"master that leads: SIGSTOP for a moment", false, func(k *crons, _ *rand.Rand) func() { return halted(k.master()) }},
	{"master that leads: SIGSTOP until another leads", true, func(k *crons, _ *rand.Rand) func() { return halted(k.master()) }},
	{"master that leads: cut off from Consul", true, func(k *crons, _ *rand.Rand) func() { return k.cutting(k.hostOf(k.master()), k.serverHosts) }},
	{"master that leads: cut off from all agents", true, func(k *crons, _ *rand.Rand) func() { return k.cutting(k.hostOf(k.master()), k.agentHosts) }},
	{"master that leads: what it hears is late", true, func(k *crons, _ *rand.Rand) func() { return k.late(k.master()) }},
	{"agent: kill -9", false, func(k *crons, r *rand.Rand) func() {
		return k.killed(k.c.Agents[r.IntN(agents)])
	}},
	{"agent: SIGSTOP", true, func(k *crons, r *rand.Rand) func() { return halted(k.c.Agents[r.IntN(agents)]) }},
	{"agent: cut off from all masters", true, func(k *crons, r *rand.Rand) func() { return k.cutting(k.agentHosts[r.IntN(agents)], k.masterHosts) }},
	{"agent: the masters do not hear it", true, func(k *crons, r *rand.Rand) func() {
		k.net.lose(k.agentHosts[r.IntN(agents)], k.masterHosts...)
		return k.net.heal
	}},
	{"agent: it does not hear the master", true, func(k *crons, r *rand.Rand) func() {
		k.net.lose(k.hostOf(k.master()), k.agentHosts[r.IntN(agents)])
		return k.net.heal
	}},
	{"Consul's leader: kill -9", false, func(k *crons, _ *rand.Rand) func() {
		s := k.consul.Leader()
		k.killServer(s)
		return func() { k.startServer(s) }
	}},
}

// master waits for a master that leads. Those that have ended meanwhile are started again.
func (k *crons) master() (leader *cluster.Process) {
	k.t.Helper()
	eventually(k.t, "a master to lead", func() string {
		k.startEnded()
		if leader, _ = leading(k.c.Masters); leader == nil {
			return "none does"
		}
		return ""
	})
	return leader
}

func (k *crons) cutting(h *host, from []*host) (end func()) {
	k.net.cut(h, from...)
	return k.net.heal
}

// signal reaches a program that may have ended just now, by another strike or since it lost its session.
func signal(p *cluster.Process, sig syscall.Signal) { _ = syscall.Kill(p.PID(), sig) }

// halted stops a program until end.
func halted(p *cluster.Process) (end func()) {
	signal(p, syscall.SIGSTOP)
	return func() { signal(p, syscall.SIGCONT) }
}

// killed ends a program as kill -9 does, and starts it again at the end.
func (k *crons) killed(p *cluster.Process) (end func()) {
	signal(p, syscall.SIGKILL)
	<-p.Done()
	return func() {
		if p.StartEnded() {
			k.restarts++
		}
	}
}

// late has a daemon hear everything half a second late, in order, until end.
func (k *crons) late(p *cluster.Process) (end func()) {
	tool := cluster.Binary(k.t, "mesos")
	run := func(args ...string) error { return exec.Command(tool, append(args, "--at="+p.Addr)...).Run() }
	if err := run("fault", "add", "delay", "500ms", "direction=in"); err != nil {
		return nothing // it has lost its session just now
	}
	return func() { _ = run("fault", "clear") } // fails if it has ended since, and its rules with it
}

// nemesis has strikes befall a cluster, each kind of them before any comes again.
type nemesis struct {
	*crons
	rng   *rand.Rand
	deck  []int
	begun time.Time
	story []string
	count map[string]int
	long  map[string]time.Duration // how long they lasted, together
}

func newNemesis(k *crons, seed uint64) *nemesis {
	n := &nemesis{crons: k, rng: rand.New(rand.NewPCG(seed, 0)), begun: time.Now(), count: map[string]int{}, long: map[string]time.Duration{}}
	k.t.Cleanup(func() {
		if k.t.Failed() {
			k.t.Logf("what was done (CHRONOS_SEED=%d):\n%s", seed, strings.Join(n.story, "\n"))
		}
	})
	return n
}

func (n *nemesis) note(format string, args ...any) {
	n.story = append(n.story, fmt.Sprintf("%7.2f s  ", time.Since(n.begun).Seconds())+fmt.Sprintf(format, args...))
}

func (n *nemesis) between(from, to time.Duration) time.Duration {
	return from + time.Duration(n.rng.Int64N(int64(to-from)))
}

// draw is the next strike.
func (n *nemesis) draw() strike {
	if len(n.deck) == 0 {
		n.deck = n.rng.Perm(len(strikes))
	}
	s := strikes[n.deck[0]]
	n.deck = n.deck[1:]
	return s
}

// turn has one strike, and in one turn of three another one meanwhile.
func (n *nemesis) turn() {
	s := n.draw()
	end := n.begin(s)
	if n.rng.IntN(3) == 0 {
		n.finish(s, n.begin(n.draw()))
	}
	n.finish(s, end)
	n.startEnded()
}

func (n *nemesis) begin(s strike) (end func()) {
	n.note("%s", s.what)
	n.count[s.what]++
	since, over := time.Now(), s.begin(n.crons, n.rng)
	return func() {
		over()
		n.long[s.what] += time.Since(since)
		n.note("%s: over", s.what)
	}
}

// finish lets a strike last.
func (n *nemesis) finish(s strike, end func()) {
	if s.long {
		time.Sleep(n.between(4*time.Second, 9*time.Second))
	} else {
		time.Sleep(n.between(0, time.Second))
	}
	end()
	time.Sleep(n.between(0, 1500*time.Millisecond))
}

// table tells all strikes.
func (n *nemesis) table() string {
	var b strings.Builder
	for _, s := range strikes {
		fmt.Fprintf(&b, "%-52s %3d times, %6.1f s\n", s.what, n.count[s.what], n.long[s.what].Seconds())
	}
	return b.String()
}
