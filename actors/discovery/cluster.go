package discovery

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/states"
)

// Cluster is what the event stream has told so far. It keeps a Zone in step. It is not safe for concurrent use.
//
// A master that has just begun to lead knows agents of its registry, and of tasks nothing until those agents have come back to it.
// What ran on them is kept meanwhile: it still runs, or its end will be told.
type Cluster struct {
	zone *Zone

	frameworks map[string]string // names by id
	agents     map[string]agent
	tasks      map[taskKey]*v1.Task
	awaited    map[string]bool    // agents that the master expects back
	unsure     map[taskKey]string // tasks that this master has not told of, by agent
}

type taskKey struct{ framework, task string }

type agent struct {
	addrs []netip.Addr
	port  uint16
}

// NewCluster makes a Cluster that knows nothing yet.
func NewCluster(z *Zone) *Cluster {
	return &Cluster{zone: z, frameworks: map[string]string{}}
}

// Subscribed begins anew with a snapshot, told by the leader at addr. What the Zone held is replaced at once.
func (c *Cluster) Subscribed(s *masterv1.Response_GetState, leader netip.AddrPort) {
	owners := map[string][]Record{"leader": leaderRecords(c.zone.Domain(), leader)}
	set := func(owner string, rs []Record) { owners[owner] = rs }
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
	c.zone.Reset(owners)
}

// keepAwaited forgets all agents and tasks but those agents that the master awaits, and what ran there.
func (c *Cluster) keepAwaited(awaited []*v1.AgentInfo, set func(string, []Record)) {
	agents, tasks := c.agents, c.tasks
	c.agents, c.tasks, c.awaited, c.unsure = map[string]agent{}, map[taskKey]*v1.Task{}, map[string]bool{}, map[taskKey]string{}
	for _, a := range awaited {
		id := a.GetId().GetValue()
		c.awaited[id] = true
		if known, ok := agents[id]; ok {
			c.agents[id] = known
			set("agent "+id, agentRecords(c.zone.Domain(), known))
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
			c.zone.Set(key.owner(), nil)
		}
	}
}

// Apply takes over what an event tells; that of a subscription is for Subscribed.
func (c *Cluster) Apply(e *masterv1.Event) {
	switch e.GetType() {
	case masterv1.Event_AGENT_ADDED:
		a := e.GetAgentAdded().GetAgent()
		c.agent(a, c.zone.Set)
		c.moved(a.GetAgentInfo().GetId().GetValue())
	case masterv1.Event_AGENT_REMOVED:
		id := e.GetAgentRemoved().GetAgentId().GetValue()
		delete(c.agents, id)
		delete(c.awaited, id)
		c.zone.Set("agent "+id, nil)
		c.moved(id)
	case masterv1.Event_FRAMEWORK_ADDED:
		c.framework(e.GetFrameworkAdded().GetFramework().GetFrameworkInfo(), c.zone.Set)
	case masterv1.Event_FRAMEWORK_UPDATED:
		c.framework(e.GetFrameworkUpdated().GetFramework().GetFrameworkInfo(), c.zone.Set)
	case masterv1.Event_FRAMEWORK_REMOVED:
		c.zone.Set("framework "+e.GetFrameworkRemoved().GetFrameworkInfo().GetId().GetValue(), nil)
	case masterv1.Event_TASK_ADDED:
		c.task(e.GetTaskAdded().GetTask(), c.zone.Set)
	case masterv1.Event_TASK_UPDATED:
		c.updated(e.GetTaskUpdated())
	case masterv1.Event_HEARTBEAT:
		c.settle() // the tasks of an agent come right after it
	default: // what a newer master may send
	}
}

func (c *Cluster) agent(a *masterv1.Response_GetAgents_Agent, set func(string, []Record)) {
	id := a.GetAgentInfo().GetId().GetValue()
	known := agent{port: uint16(a.GetAgentInfo().GetPort())}
	if at, err := actors.ParseUPID(a.GetPid()); err == nil {
		if ap, err := netip.ParseAddrPort(at.Addr); err == nil {
			known = agent{addrs: []netip.Addr{ap.Addr()}, port: ap.Port()}
		}
	}
	c.agents[id] = known
	delete(c.awaited, id)
	set("agent "+id, agentRecords(c.zone.Domain(), known))
}

func (c *Cluster) framework(f *v1.FrameworkInfo, set func(string, []Record)) {
	id := f.GetId().GetValue()
	c.frameworks[id] = f.GetName()
	set("framework "+id, frameworkRecords(c.zone.Domain(), f))
}

func (c *Cluster) task(t *v1.Task, set func(string, []Record)) {
	key := taskKey{t.GetFrameworkId().GetValue(), t.GetTaskId().GetValue()}
	delete(c.unsure, key)
	if states.Terminal(t.GetState()) {
		delete(c.tasks, key)
		set(key.owner(), nil)
		return
	}
	c.tasks[key] = t
	c.place(key, t, set)
}

// place gives a task its names for as long as it runs on an agent that is known.
func (c *Cluster) place(key taskKey, t *v1.Task, set func(string, []Record)) {
	var rs []Record
	if a, ok := c.agents[t.GetAgentId().GetValue()]; ok && t.GetState() == v1.TaskState_TASK_RUNNING {
		rs = taskRecords(c.zone.Domain(), c.frameworks[key.framework], t, a.addrs)
	}
	set(key.owner(), rs)
}

// moved looks again at the tasks of an agent that has come or gone.
func (c *Cluster) moved(agentID string) {
	for key, t := range c.tasks {
		if t.GetAgentId().GetValue() == agentID {
			c.place(key, t, c.zone.Set)
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
	c.task(next, c.zone.Set)
}

func agentRecords(domain string, a agent) []Record {
	return hostRecords("slave", domain, "slave", a.addrs, a.port)
}

func leaderRecords(domain string, at netip.AddrPort) []Record {
	rs := hostRecords("leader", domain, "leader", []netip.Addr{at.Addr()}, at.Port())
	return append(rs, Record{Name: "master." + domain, Addr: at.Addr()})
}

// hostRecords are those of a daemon: its addresses, and an SRV record of each protocol.
func hostRecords(label, domain, service string, addrs []netip.Addr, port uint16) []Record {
	var rs []Record
	host := label + "." + domain
	for _, a := range addrs {
		rs = append(rs, Record{Name: host, Addr: a})
	}
	if len(rs) == 0 || port == 0 {
		return rs
	}
	for _, protocol := range protocols {
		rs = append(rs, Record{Name: "_" + service + "._" + protocol + "." + domain, Service: Service{Target: host, Port: port}})
	}
	return rs
}

// frameworkRecords tell where a framework's own page is, the one place that every scheduler may name. That place is
// left out where it is a host name: a zone holds addresses.
func frameworkRecords(domain string, f *v1.FrameworkInfo) []Record {
	name := Domain(f.GetName())
	page, err := url.Parse(f.GetWebuiUrl())
	if name == "" || err != nil {
		return nil
	}
	addr, err := netip.ParseAddr(page.Hostname())
	if err != nil {
		return nil
	}
	port, _ := strconv.ParseUint(page.Port(), 10, 16)
	host := name + "." + domain
	rs := []Record{{Name: host, Addr: addr}}
	if port != 0 {
		rs = append(rs, Record{Name: strings.Join([]string{"_framework", "_tcp", host}, "."), Service: Service{Target: host, Port: uint16(port)}})
	}
	return rs
}
