package discovery

import (
	"net/netip"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/states"
)

// Cluster is what the event stream has told so far. It keeps a Book in step. It is not safe for concurrent use.
//
// A master that has just begun to lead knows agents of its registry, and of tasks nothing until those agents have come back to it.
// What ran on them is kept meanwhile: it still runs, or its end will be told.
type Cluster struct {
	book Book

	frameworks map[string]string // names by id
	agents     map[string]Agent
	tasks      map[taskKey]*v1.Task
	awaited    map[string]bool    // agents that the master expects back
	unsure     map[taskKey]string // tasks that this master has not told of, by agent
	open       map[string]bool    // agents that the Book was told to be awaited
}

type taskKey struct{ framework, task string }

// NewCluster makes a Cluster that knows nothing yet.
func NewCluster(b Book) *Cluster {
	return &Cluster{book: b, frameworks: map[string]string{}}
}

// Subscribed begins anew with a snapshot, told by the leader at addr. What the Book held is replaced at once.
func (c *Cluster) Subscribed(s *masterv1.Response_GetState, leader netip.AddrPort) {
	facts := map[string]Fact{"leader": {Leader: leader}}
	set := func(owner string, f Fact) { facts[owner] = f }
	for _, f := range s.GetGetFrameworks().GetFrameworks() {
		c.framework(f.GetFrameworkInfo(), set)
	}
	for _, f := range s.GetGetFrameworks().GetCompletedFrameworks() {
		c.frameworks[f.GetFrameworkInfo().GetId().GetValue()] = f.GetFrameworkInfo().GetName()
	}
	c.keepAwaited(s.GetGetAgents().GetRecoveredAgents(), set)
	for _, a := range s.GetGetAgents().GetAgents() {
		c.agent(a, set)
	}
	for _, t := range s.GetGetTasks().GetTasks() {
		c.task(t, set)
	}
	c.book.Reset(facts)
}

// keepAwaited forgets all agents and tasks but those agents that the master awaits, and what ran there.
func (c *Cluster) keepAwaited(awaited []*v1.AgentInfo, set func(string, Fact)) {
	agents, tasks := c.agents, c.tasks
	c.agents, c.tasks, c.awaited, c.unsure = map[string]Agent{}, map[taskKey]*v1.Task{}, map[string]bool{}, map[taskKey]string{}
	c.open = map[string]bool{}
	for _, a := range awaited {
		id := a.GetId().GetValue()
		c.awaited[id], c.open[id] = true, true
		set("awaited "+id, Fact{Awaited: id})
		if known, ok := agents[id]; ok {
			c.agents[id] = known
			set("agent "+id, Fact{Agent: &known})
		}
	}
	for key, t := range tasks {
		if id := t.GetAgentId().GetValue(); c.awaited[id] {
			c.task(t, set)
			c.unsure[key] = id
		}
	}
}

// settle forgets what was kept of agents that are back and have not brought it along.
func (c *Cluster) settle() {
	for key, agent := range c.unsure {
		if !c.awaited[agent] {
			delete(c.unsure, key)
			delete(c.tasks, key)
			c.book.Set(key.owner(), Fact{})
		}
	}
	for id := range c.open {
		if !c.awaited[id] {
			delete(c.open, id)
			c.book.Set("awaited "+id, Fact{})
		}
	}
}

// Apply takes over what an event tells; that of a subscription is for Subscribed.
func (c *Cluster) Apply(e *masterv1.Event) {
	switch e.GetType() {
	case masterv1.Event_AGENT_ADDED:
		a := e.GetAgentAdded().GetAgent()
		c.agent(a, c.book.Set)
		c.moved(a.GetAgentInfo().GetId().GetValue())
	case masterv1.Event_AGENT_REMOVED:
		id := e.GetAgentRemoved().GetAgentId().GetValue()
		delete(c.agents, id)
		delete(c.awaited, id)
		c.book.Set("agent "+id, Fact{})
		c.moved(id)
	case masterv1.Event_FRAMEWORK_ADDED:
		c.framework(e.GetFrameworkAdded().GetFramework().GetFrameworkInfo(), c.book.Set)
	case masterv1.Event_FRAMEWORK_UPDATED:
		c.framework(e.GetFrameworkUpdated().GetFramework().GetFrameworkInfo(), c.book.Set)
	case masterv1.Event_FRAMEWORK_REMOVED:
		c.book.Set("framework "+e.GetFrameworkRemoved().GetFrameworkInfo().GetId().GetValue(), Fact{})
	case masterv1.Event_TASK_ADDED:
		c.task(e.GetTaskAdded().GetTask(), c.book.Set)
	case masterv1.Event_TASK_UPDATED:
		c.updated(e.GetTaskUpdated())
	case masterv1.Event_HEARTBEAT:
		c.settle() // the tasks of an agent come right after it
	default: // what a newer master may send
	}
}

func (c *Cluster) agent(a *masterv1.Response_GetAgents_Agent, set func(string, Fact)) {
	id := a.GetAgentInfo().GetId().GetValue()
	known := Agent{ID: id, Port: uint16(a.GetAgentInfo().GetPort())}
	if at, err := actors.ParseUPID(a.GetPid()); err == nil {
		if ap, err := netip.ParseAddrPort(at.Addr); err == nil {
			known.Addrs, known.Port = []netip.Addr{ap.Addr()}, ap.Port()
		}
	}
	c.agents[id] = known
	delete(c.awaited, id)
	set("agent "+id, Fact{Agent: &known})
}

func (c *Cluster) framework(f *v1.FrameworkInfo, set func(string, Fact)) {
	id := f.GetId().GetValue()
	c.frameworks[id] = f.GetName()
	set("framework "+id, Fact{Framework: f})
}

func (c *Cluster) task(t *v1.Task, set func(string, Fact)) {
	key := taskKey{t.GetFrameworkId().GetValue(), t.GetTaskId().GetValue()}
	delete(c.unsure, key)
	if states.Terminal(t.GetState()) {
		delete(c.tasks, key)
		set(key.owner(), Fact{})
		return
	}
	c.tasks[key] = t
	c.place(key, t, set)
}

// place tells of a task for as long as it runs on an agent that is known. One that is being killed is not told of any more, so that
// nobody new is sent to it.
func (c *Cluster) place(key taskKey, t *v1.Task, set func(string, Fact)) {
	var f Fact
	if a, ok := c.agents[t.GetAgentId().GetValue()]; ok && t.GetState() == v1.TaskState_TASK_RUNNING {
		f.Task = &Running{Task: t, Framework: c.frameworks[key.framework], Agent: a}
	}
	set(key.owner(), f)
}

// moved looks again at the tasks of an agent that has come or gone.
func (c *Cluster) moved(agentID string) {
	for key, t := range c.tasks {
		if t.GetAgentId().GetValue() == agentID {
			c.place(key, t, c.book.Set)
		}
	}
}

func (k taskKey) owner() string { return "task " + k.framework + " " + k.task }

func (c *Cluster) updated(u *masterv1.Event_TaskUpdated) {
	key := taskKey{u.GetFrameworkId().GetValue(), u.GetStatus().GetTaskId().GetValue()}
	t := c.tasks[key]
	if t == nil {
		return
	}
	next := proto.CloneOf(t)
	next.State, next.Statuses = u.State, []*v1.TaskStatus{u.GetStatus()}
	c.task(next, c.book.Set)
}
