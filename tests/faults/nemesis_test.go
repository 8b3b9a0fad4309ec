package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// The pings of the master of TestNemesis: an agent is unreachable after their product.
const (
	pingTimeout = 500 * time.Millisecond
	pingsMissed = 4
)

// TestNemesis strikes agents, executors, the master and the agents' disks at random while a framework runs tasks. In
// the end every task is accounted for, and nothing is left of any.
func TestNemesis(t *testing.T) {
	t.Parallel()
	span, seed := settings(t)
	n := newNemesis(t, seed)
	n.load.settle(t, n.c, 20)
	before := n.descriptors()

	n.load.keep(40, false)
	for end := time.Now().Add(span); time.Now().Before(end) && !t.Failed(); {
		n.strike()
		n.pause(0, 1500*time.Millisecond)
	}
	n.note("the nemesis rests")
	n.load.settle(t, n.c, 20)
	n.verdict(before)
}

func settings(t *testing.T) (span time.Duration, seed uint64) {
	t.Helper()
	span, seed = time.Minute, rand.Uint64()
	var err error
	if v := os.Getenv("FAULTS_FOR"); v != "" {
		if span, err = time.ParseDuration(v); err != nil {
			t.Fatalf("FAULTS_FOR: %v", err)
		}
	}
	if v := os.Getenv("FAULTS_SEED"); v != "" {
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatalf("FAULTS_SEED: %v", err)
		}
	}
	t.Logf("FAULTS_FOR=%s FAULTS_SEED=%d", span, seed)
	return span, seed
}

// nemesis is what strikes.
type nemesis struct {
	t       *testing.T
	c       *cluster.Cluster
	load    *load
	disks   []*disk // of each agent; none if disks cannot be filled here
	rng     *rand.Rand
	begun   time.Time
	strikes int
	story   []string
}

func newNemesis(t *testing.T, seed uint64) *nemesis {
	t.Helper()
	n := &nemesis{t: t, rng: rand.New(rand.NewPCG(seed, 0)), begun: time.Now()}
	n.c = cluster.Start(t, cluster.Options{
		Agents: 2, Resources: "cpus:4;mem:4096;disk:64;ports:[31000-31010]", Separate: true, Prepare: n.prepare,
		MasterFlags: []string{"--agent_ping_timeout=" + pingTimeout.String(), "--max_agent_ping_timeouts=" + strconv.Itoa(pingsMissed)},
		AgentFlags:  []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=45secs"},
	})
	n.load = startLoad(t, n.c, seed)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what was done (FAULTS_SEED=%d):\n%s", seed, strings.Join(n.story, "\n"))
		}
	})
	return n
}

func (n *nemesis) prepare(dir string) {
	d, why := mountDisk(n.t, dir, "size=256m")
	if d == nil {
		n.t.Log("disks are not filled: ", why)
		return
	}
	n.disks = append(n.disks, d)
}

func (n *nemesis) note(format string, args ...any) {
	n.story = append(n.story, fmt.Sprintf("%7.2f s  ", time.Since(n.begun).Seconds())+fmt.Sprintf(format, args...))
}

func (n *nemesis) pause(from, to time.Duration) {
	time.Sleep(from + time.Duration(n.rng.Int64N(int64(to-from))))
}

// strike does one of the things that can happen to a cluster.
func (n *nemesis) strike() {
	i := n.rng.IntN(len(n.c.Agents))
	agent := n.c.Agents[i]
	strikes := []func(){
		func() { n.kill(agent, 0, time.Second) },
		func() { n.kill(agent, 0, time.Second) },
		func() { n.kill(agent, 2*pingsMissed*pingTimeout, 3*pingsMissed*pingTimeout) }, // long enough to be unreachable
		func() { n.stop(agent, 0, 2*time.Second) },
		func() { n.stop(agent, 2*pingsMissed*pingTimeout, 3*pingsMissed*pingTimeout) },
		func() { n.kill(n.c.Master, 0, time.Second) },
		func() { n.stop(n.c.Master, 0, 2*time.Second) },
		func() { n.executor(syscall.SIGKILL) },
		func() { n.executor(syscall.SIGKILL) },
		func() { n.executor(syscall.SIGSTOP) },
	}
	if len(n.disks) > 0 {
		strikes = append(strikes,
			func() { n.fill(i, func() { n.pause(500*time.Millisecond, 3*time.Second) }) },
			func() { n.fill(i, func() { n.kill(agent, 0, time.Second); n.pause(0, time.Second) }) },
		)
	}
	strikes[n.rng.IntN(len(strikes))]()
	n.strikes++
}

func (n *nemesis) kill(p *cluster.Process, from, to time.Duration) {
	n.note("kill -9 of %s", p.Name)
	p.Kill()
	n.pause(from, to)
	p.Restart()
	n.note("%s is back", p.Name)
}

func (n *nemesis) stop(p *cluster.Process, from, to time.Duration) {
	n.note("SIGSTOP of %s", p.Name)
	p.Signal(syscall.SIGSTOP)
	n.pause(from, to)
	p.Signal(syscall.SIGCONT)
	n.note("%s goes on", p.Name)
}

// executor kills an executor, or stops it for a while.
func (n *nemesis) executor(sig syscall.Signal) {
	for id, pid := range executors(n.c) { // the order is random
		n.note("%v to executor %s, process %d", sig, id, pid)
		if sig == syscall.SIGKILL {
			n.load.strike(id)
		}
		_ = syscall.Kill(pid, sig) // fails for one that has just ended
		if sig == syscall.SIGSTOP {
			n.pause(0, 2*time.Second)
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
		return
	}
	n.note("no executor to strike")
}

// fill leaves an agent without disk while something else is done.
func (n *nemesis) fill(i int, meanwhile func()) {
	n.note("the disk of agent-%d fills up", i)
	n.load.diskFull(true)
	n.disks[i].fill()
	meanwhile()
	n.disks[i].free()
	n.load.diskFull(false)
	n.note("the disk of agent-%d has room", i)
}

func (n *nemesis) descriptors() (out []map[string]int) {
	for _, p := range append([]*cluster.Process{n.c.Master}, n.c.Agents...) {
		out = append(out, descriptors(p.PID()))
	}
	return out
}

// verdict looks what is left and what became of every task.
func (n *nemesis) verdict(before []map[string]int) {
	n.t.Helper()
	eventually(n.t, "all processes of tasks to end", func() string {
		left := executors(n.c)
		return strings.Join(describe(n.c.Inhabitants()), "; ") + n.load.stories(left)
	})
	eventually(n.t, "all descriptors to be closed", func() string {
		for i, now := range n.descriptors() {
			if m := more(before[i], now); m != "" {
				return fmt.Sprintf("daemon %d holds %s", i, m)
			}
		}
		return ""
	})
	if strange := strangeSandboxes(n.t, n.c, n.load); strange != nil {
		n.t.Errorf("sandboxes of nobody: %q", strange)
	}
	count, complaints := n.load.judge(n.t)
	n.t.Logf("%d strikes; tasks by their end: %v", n.strikes, count)
	for _, c := range complaints {
		n.t.Error(c)
	}
	for i := range n.c.Agents {
		n.checkState(i)
	}
}

// checkState looks into what an agent keeps: nothing of tasks that are over.
func (n *nemesis) checkState(i int) {
	n.t.Helper()
	n.c.Agents[i].Stop(syscall.SIGTERM)
	out, err := exec.Command(cluster.Binary(n.t, "mesos"), "agent", "check", "--work_dir", n.c.AgentWorkDir(i), "-o", "json").CombinedOutput()
	var kept struct {
		Executors, Tasks []any
		Waiting          int `json:"updates_waiting"`
	}
	if err == nil {
		err = json.Unmarshal(out, &kept)
	}
	if err != nil || len(kept.Executors)+len(kept.Tasks)+kept.Waiting > 0 {
		n.t.Errorf("state of agent-%d: %v, %s, want it empty", i, err, out)
	}
}
