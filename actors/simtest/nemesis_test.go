package simtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// nemesis breaks a cluster at random while tasks run, from one seed.
type nemesis struct {
	c        *Cluster
	r        *rand.Rand
	f        []*Framework
	tasks    map[string]*Framework
	down     map[*Agent]bool
	away     map[*Framework]bool
	noMaster bool
	heals    []func()
	story    []string
}

func (n *nemesis) say(format string, args ...any) {
	n.story = append(n.story, fmt.Sprintf("%9s ", time.Since(epoch).Round(time.Millisecond))+fmt.Sprintf(format, args...))
}

func (n *nemesis) step() {
	switch n.r.IntN(12) {
	case 0, 1, 2, 3:
		n.launch()
	case 4:
		n.kill()
	case 5:
		n.agentFails()
	case 6:
		n.schedulerFails()
	case 7:
		n.masterFails()
	case 8, 9:
		n.partition()
	case 10:
		if len(n.heals) > 0 {
			n.say("a partition heals")
			n.heals[0]()
			n.heals = n.heals[1:]
		}
	case 11:
		a := n.c.Agents[n.r.IntN(len(n.c.Agents))]
		n.say("executors of %s crash", a.Addr())
		a.CrashExecutors()
	}
	n.c.Advance(time.Duration(n.r.ExpFloat64() * float64(3*time.Second)))
}

func (n *nemesis) launch() {
	f := n.f[n.r.IntN(len(n.f))]
	if n.away[f] {
		return
	}
	id := fmt.Sprintf("t%d", len(n.tasks))
	if n.r.IntN(4) == 0 {
		n.launchPod(f)
		return
	}
	command := []string{"true", "exit 2", "sleep 5", "sleep 60", "forever"}[n.r.IntN(5)]
	n.say("%s wants %s: %s", f.info.GetName(), id, command)
	n.tasks[id] = f
	f.Launch(id, command, "cpus:0.5;mem:32")
}

// launchPod launches two tasks as a group, sometimes in an executor that may
// still run another.
func (n *nemesis) launchPod(f *Framework) {
	executor := fmt.Sprintf("pod-%d", n.r.IntN(3))
	var tasks []*v1.TaskInfo
	for range 2 {
		id := fmt.Sprintf("t%d", len(n.tasks))
		command := []string{"true", "exit 2", "sleep 5", "sleep 60", "forever"}[n.r.IntN(5)]
		n.say("%s wants %s in %s: %s", f.info.GetName(), id, executor, command)
		n.tasks[id] = f
		tasks = append(tasks, PodTask(id, command))
	}
	f.LaunchPod(PodExecutor(executor), tasks...)
}

func (n *nemesis) kill() {
	for _, id := range slices.Sorted(maps.Keys(n.tasks)) {
		f := n.tasks[id]
		if !n.away[f] && !f.Over(id) {
			n.say("%s kills %s", f.info.GetName(), id)
			f.Driver().Kill(id, nil)
			return
		}
	}
}

func (n *nemesis) agentFails() {
	a := n.c.Agents[n.r.IntN(len(n.c.Agents))]
	if n.down[a] {
		n.say("agent %s starts", a.Addr())
		a.Start()
	} else {
		n.say("agent %s crashes", a.Addr())
		a.Crash()
	}
	n.down[a] = !n.down[a]
}

func (n *nemesis) schedulerFails() {
	f := n.f[n.r.IntN(len(n.f))]
	if n.away[f] {
		n.say("scheduler %s starts", f.info.GetName())
		f.Start()
	} else {
		n.say("scheduler %s crashes", f.info.GetName())
		f.Crash()
	}
	n.away[f] = !n.away[f]
}

func (n *nemesis) masterFails() {
	if n.noMaster {
		n.say("master starts")
		n.c.StartMaster()
	} else {
		n.say("master crashes")
		n.c.CrashMaster()
	}
	n.noMaster = !n.noMaster
}

func (n *nemesis) partition() {
	if len(n.heals) > 3 {
		return
	}
	a := n.c.Agents[n.r.IntN(len(n.c.Agents))]
	n.say("master and %s are parted", a.Addr())
	n.heals = append(n.heals, n.c.Net.Partition([]string{masterAddr}, []string{a.Addr()}))
}

// rest ends all faults.
func (n *nemesis) rest() {
	n.say("all faults end")
	for _, h := range n.heals {
		h()
	}
	if n.noMaster {
		n.masterFails()
	}
	for _, a := range n.c.Agents {
		if n.down[a] {
			a.Start()
		}
	}
	for _, f := range n.f {
		if n.away[f] {
			f.Start()
		}
	}
}

// check asks what must hold when all faults have ended long ago.
func (n *nemesis) check() {
	t := n.c.T
	n.c.Check()
	kept := n.c.kept()
	for id, f := range n.tasks {
		n.c.judge(f, id, kept)
	}
	if t.Failed() {
		for _, l := range n.story {
			t.Log(l)
		}
	}
}

func runNemesis(t *testing.T, seed uint64) {
	Run(t, Options{Agents: 3}, func(c *Cluster) {
		n := &nemesis{c: c, r: rand.New(rand.NewPCG(seed, 1)), tasks: map[string]*Framework{}, down: map[*Agent]bool{}, away: map[*Framework]bool{}}
		for _, name := range []string{"one", "two"} {
			n.f = append(n.f, c.Framework(name, FrameworkOptions{Info: aware()}))
		}
		c.Advance(time.Second)
		for range 40 {
			n.step()
		}
		n.rest()
		c.Advance(30 * time.Minute)
		n.check()
	})
}

// SEED=n replays one run; SEEDS=n runs so many.
func TestNemesis(t *testing.T) {
	if s := os.Getenv("SEED"); s != "" {
		seed, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		runNemesis(t, seed)
		return
	}
	seeds := 20
	if s, err := strconv.Atoi(os.Getenv("SEEDS")); err == nil {
		seeds = s
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { runNemesis(t, uint64(seed)) })
	}
}
