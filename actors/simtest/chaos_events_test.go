package simtest

import (
	"context"
	"fmt"
	"time"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// chaosEvents are what can happen, and how often, compared with the others.
var chaosEvents = []struct {
	weight int
	do     func(*chaos)
}{
	{30, (*chaos).launch},
	{4, (*chaos).launchPod},
	{8, (*chaos).kill},
	{8, (*chaos).agentFails},
	{2, (*chaos).agentLosesAll},
	{4, (*chaos).executorsFail},
	{6, (*chaos).frameworkFails},
	{1, (*chaos).frameworkLeaves},
	{1, (*chaos).masterFails},
	{1, (*chaos).leaderLosesSession},
	{5, (*chaos).partition},
	{8, (*chaos).sessionsBreak},
	{3, (*chaos).diskStops},
	{1, (*chaos).registryStops},
	{6, (*chaos).crashBetweenSteps},
	{6, (*chaos).operatorOnAgent},
	{4, (*chaos).quotaChanges},
	{1, (*chaos).weightChanges},
	{2, (*chaos).reconcile},
	{6, (*chaos).operate},
	{3, (*chaos).operatorStores},
	{4, (*chaos).maintenance},
	{2, (*chaos).answersInverse},
}

func (x *chaos) event() {
	sum := 0
	for _, e := range chaosEvents {
		sum += e.weight
	}
	at := x.r.IntN(sum)
	for _, e := range chaosEvents {
		if at -= e.weight; at < 0 {
			e.do(x)
			return
		}
	}
}

// framework is one that is not away; nil if there is none.
func (x *chaos) framework() *Framework {
	for range 10 {
		if f := x.f[x.r.IntN(len(x.f))]; !x.down[f] {
			return f
		}
	}
	return nil
}

// agent is one that runs; nil if there is none.
func (x *chaos) agent() *Agent {
	for range 10 {
		if a := x.c.Agents[x.r.IntN(len(x.c.Agents))]; !x.down[a] {
			return a
		}
	}
	return nil
}

// busyAgent is one of those on which a task was launched lately, if there is one.
func (x *chaos) busyAgent() *Agent {
	for i := 0; i < 10 && len(x.names) > 0; i++ {
		name := x.names[max(0, len(x.names)-1-x.r.IntN(8))]
		id := x.tasks[name].agentOf(name)
		for _, a := range x.c.Agents {
			if id != "" && !x.down[a] && x.id(a) == id {
				return a
			}
		}
	}
	return x.agent()
}

var chaosCommands = []string{"true", "exit 2", "sleep 5", "sleep 60", "sleep 600", "forever"}

func (x *chaos) launch() {
	f := x.framework()
	if f == nil {
		return
	}
	for range 1 + x.r.IntN(3) {
		id := fmt.Sprintf("t%d", len(x.names))
		command, cpus := chaosCommands[x.r.IntN(len(chaosCommands))], []string{"0.5", "1", "2"}[x.r.IntN(3)]
		x.say("%s wants %s: %s on %s cpus", f.info.GetName(), id, command, cpus)
		x.own(f, id)
		if x.lender != nil && x.r.IntN(2) == 0 {
			x.say("%s are to be lent", id)
			f.borrow(id, command, "cpus:"+cpus, "mem:64")
			continue
		}
		f.Launch(id, command, "cpus:"+cpus+";mem:64")
	}
}

func (x *chaos) own(f *Framework, id string) {
	x.tasks[id] = f
	x.names = append(x.names, id)
}

func (x *chaos) launchPod() {
	f := x.framework()
	if f == nil {
		return
	}
	executor := fmt.Sprintf("pod-%d", x.r.IntN(3))
	var tasks []*v1.TaskInfo
	for range 2 {
		id := fmt.Sprintf("t%d", len(x.names))
		command := chaosCommands[x.r.IntN(len(chaosCommands))]
		x.say("%s wants %s in %s: %s", f.info.GetName(), id, executor, command)
		x.own(f, id)
		tasks = append(tasks, PodTask(id, command))
	}
	f.LaunchPod(PodExecutor(executor), tasks...)
}

// crash ends the program of an agent for some time.
func (x *chaos) crashAgent(a *Agent, how string) {
	if x.down[a] {
		return
	}
	away := x.about(time.Minute)
	if x.r.IntN(6) == 0 {
		away += 8 * time.Minute // until it is given up
	}
	x.say("agent %s crashes%s, for %v", a.addr, how, away.Round(time.Millisecond))
	x.down[a] = true
	a.Crash()
	x.in(away, func() { x.startAgent(a) })
}

func (x *chaos) startAgent(a *Agent) {
	x.say("agent %s starts", a.addr)
	delete(x.down, a)
	a.Start()
}

func (x *chaos) agentFails() {
	if a := x.busyAgent(); a != nil {
		x.crashAgent(a, "")
	}
}

// agentLosesAll crashes a machine, sometimes with its disk.
func (x *chaos) agentLosesAll() {
	a := x.agent()
	if a == nil {
		return
	}
	x.crashAgent(a, " with its machine")
	a.CrashExecutors()
	a.BootID += "+1"
	if x.r.IntN(2) == 0 {
		x.say("the disk of %s is lost", a.addr)
		x.wipe(a)
	}
}

// id is the id that an agent has, "" if it has none yet.
func (x *chaos) id(a *Agent) string {
	if x.ids[a] == "" {
		x.ids[a] = a.ID()
	}
	return x.ids[a]
}

func (x *chaos) wipe(a *Agent) {
	a.Disk.Wipe()
	a.Volumes = newVolumes()
	delete(x.stored, a)
	delete(x.ids, a)
}

func (x *chaos) executorsFail() {
	if a := x.busyAgent(); a != nil {
		x.say("the executors of %s crash", a.addr)
		a.CrashExecutors()
	}
}

func (x *chaos) frameworkFails() {
	if f := x.framework(); f != nil {
		x.crashFramework(f, "")
	}
}

func (x *chaos) crashFramework(f *Framework, how string) {
	if x.down[f] {
		return
	}
	away := x.about(30 * time.Second)
	x.say("framework %s crashes%s, for %v", f.info.GetName(), how, away.Round(time.Millisecond))
	x.down[f] = true
	f.Crash()
	x.in(away, func() {
		x.say("framework %s starts", f.info.GetName())
		delete(x.down, f)
		f.Start()
	})
}

// frameworkLeaves has an operator end a framework for good; another takes its place.
func (x *chaos) frameworkLeaves() {
	i := x.r.IntN(len(x.f))
	f := x.f[i]
	if x.down[f] || f.ID() == "" || x.c.Leader() == nil {
		return
	}
	x.left[f], x.gone = true, append(x.gone, f)
	x.tearDown(f)
	x.f[i] = x.startFramework(fmt.Sprint("f", chaosFrameworks+len(x.left)), f.info.GetRoles()[0], f.opts.Hoard > 0)
}

func (x *chaos) tearDown(f *Framework) {
	x.order("TEARDOWN", fmt.Sprintf(`"framework_id":{"value":%q}`, f.ID()))
}

// crashLeader ends the leading master.
func (x *chaos) crashLeader(how string) {
	if d := x.c.Leader(); d != nil {
		x.say("the leading master %s crashes%s", d.Addr, how)
		d.Crash()
		x.masterEnded(d)
	}
}

// masterEnded lets the session of a master last some seconds longer than itself, and starts it anew some time later.
func (x *chaos) masterEnded(d *Candidate) {
	x.down[d] = true
	x.in(x.about(5*time.Second), func() {
		if info := x.c.Election.Leader(); info.GetPid() == "master@"+d.Addr {
			x.say("the session of %s is over", d.Addr)
			x.c.Election.Expire(false)
		}
		x.in(x.about(time.Minute), func() {
			x.say("master %s starts", d.Addr)
			delete(x.down, d)
			d.Start()
		})
	})
}

func (x *chaos) masterFails() { x.crashLeader("") }

// leaderLosesSession lets another master lead while the leader lives; sometimes it learns of it only from the registry.
func (x *chaos) leaderLosesSession() {
	d := x.c.Leader()
	if d == nil {
		return
	}
	blind := x.r.IntN(2) == 0
	x.say("the leading master %s loses its session, and does not know: %v", d.Addr, blind)
	x.c.Election.Expire(blind)
}

func (x *chaos) partition() {
	d, a := x.c.Leader(), x.busyAgent()
	if d == nil || a == nil {
		return
	}
	from, to := []string{d.Addr}, []string{a.addr}
	if f := x.framework(); f != nil && x.r.IntN(3) == 0 {
		to = []string{f.program.addr}
	}
	lasts := x.about(30 * time.Second)
	var heal func()
	switch x.r.IntN(3) {
	case 0:
		x.say("nothing gets from %s to %s, for %v", from[0], to[0], lasts.Round(time.Millisecond))
		heal = x.c.Net.PartitionOneWay(from, to)
	case 1:
		x.say("nothing gets from %s to %s, for %v", to[0], from[0], lasts.Round(time.Millisecond))
		heal = x.c.Net.PartitionOneWay(to, from)
	default:
		if x.r.IntN(4) == 0 {
			lasts += 5 * time.Minute
		}
		x.say("%s and %s are parted, for %v", from[0], to[0], lasts.Round(time.Millisecond))
		heal = x.c.Net.Partition(from, to)
	}
	x.in(lasts, heal)
}

// sessionsBreak loses what is under way between the leader and another.
func (x *chaos) sessionsBreak() {
	d, a := x.c.Leader(), x.busyAgent()
	if d == nil || a == nil {
		return
	}
	to := a.addr
	if f := x.framework(); f != nil && x.r.IntN(2) == 0 {
		to = f.program.addr
	}
	x.say("the session of %s and %s breaks", d.Addr, to)
	x.c.Net.Break(d.Addr, to)
}

// diskStops lets an agent die at one of its next writes, before or after that is durable.
func (x *chaos) diskStops() {
	a := x.busyAgent()
	if a == nil {
		return
	}
	n, after := 1+x.r.IntN(6), x.r.IntN(2) == 0
	x.say("agent %s is to die at its %d. write, that is durable: %v", a.addr, n, after)
	a.Disk.StopAt(n, after)
	x.stopping[a] = true
	x.launch()
}

func (x *chaos) registryStops() {
	n, after := 1+x.r.IntN(3), x.r.IntN(2) == 0
	x.say("the master is to die at its %d. write, that is durable: %v", n, after)
	x.c.Registry.StopAt(n, after)
}

// crashBetweenSteps crashes somebody after some steps of whatever happens next.
func (x *chaos) crashBetweenSteps() {
	var d *Candidate
	a, f := x.busyAgent(), x.framework()
	who := x.r.IntN(5)
	if who == 0 {
		d = x.c.Leader()
	}
	x.launch()
	x.halt = x.c.stage.haltAfter(1 + x.r.IntN(150))
	x.victim = func() {
		switch {
		case d != nil && d == x.c.Leader():
			x.crashLeader(" between two steps")
		case who <= 2 && a != nil:
			x.crashAgent(a, " between two steps")
		case f != nil:
			x.crashFramework(f, " between two steps")
		}
	}
}

// operatorOnAgent gives up, empties or puts aside an agent, or takes it back.
func (x *chaos) operatorOnAgent() {
	a := x.agent()
	if a == nil || x.c.Leader() == nil {
		return
	}
	id := x.id(a)
	if id == "" {
		return
	}
	x.withdrawn[id] = true
	switch x.r.IntN(10) {
	case 0:
		x.order("MARK_AGENT_GONE", ofAgent(id))
	case 1, 2:
		x.order("DRAIN_AGENT", ofAgent(id)+`,"max_grace_period":{"seconds":5}`)
	case 3:
		x.order("DRAIN_AGENT", ofAgent(id)+`,"mark_gone":true`)
	case 4, 5:
		x.order("DEACTIVATE_AGENT", ofAgent(id))
	default:
		x.order("REACTIVATE_AGENT", ofAgent(id))
	}
}

// patience is how long an operator waits for an answer.
const patience = 20 * time.Second

// order is a call of the operator API, whatever comes of it: its master may end before it answers.
func (x *chaos) order(kind, part string) {
	m, key := x.c.leader, fmt.Sprint("order ", x.ordered)
	x.ordered++
	x.orders.Go(func() {
		x.c.stage.do(key, func() {}) // from here on it is alone
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		code, _ := x.c.operator(ctx, m, kind, part)
		x.say("%s %s: %d", kind, part, code)
	})
}

func (x *chaos) quotaChanges() {
	if x.c.Leader() == nil {
		return
	}
	role := fmt.Sprint("role-", x.r.IntN(chaosRoles))
	limit := `,"limits":{"cpus":{"value":` + fmt.Sprint(1+x.r.IntN(30)) + `}}`
	if x.r.IntN(3) == 0 {
		limit = ""
	}
	x.order("UPDATE_QUOTA", fmt.Sprintf(`"force":%v,"quota_configs":[{"role":%q%s}]`, x.r.IntN(2) == 0, role, limit))
}

func (x *chaos) weightChanges() {
	if x.c.Leader() != nil {
		x.order("UPDATE_WEIGHTS", fmt.Sprintf(`"weight_infos":[{"role":"role-%d","weight":%d}]`, x.r.IntN(chaosRoles), 1+x.r.IntN(3)))
	}
}

// reconcile lets a framework ask for one of its tasks, or for all.
func (x *chaos) reconcile() {
	f := x.framework()
	if f == nil || len(x.names) == 0 {
		return
	}
	if id := x.names[x.r.IntN(len(x.names))]; x.tasks[id] == f && !f.Wants(id) {
		f.Driver().Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(id)})
		return
	}
	f.Driver().Reconcile()
}
