package master

import (
	"bytes"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
)

// Snapshot is a consistent picture of the cluster. Any goroutine but an actor's
// may ask; the error is [actors.ErrStopped].
func (m *Master) Snapshot() (*view.Cluster, error) { return actors.Call(m.p, m.snapshot) }

// snapshot runs on the actor. It only collects: a task that has not changed
// since the last picture is in this one as it was in that, and sums are left to
// the readers.
func (m *Master) snapshot() *view.Cluster {
	c := &view.Cluster{
		Master: m.view, Unreachable: len(m.away.unreachable),
		Quotas: m.roleSettings.quotas, Weights: m.roleSettings.weights,
		Agents:     make([]*view.Agent, 0, len(m.agents)),
		Frameworks: make([]*view.Framework, 0, len(m.frameworks)),
		Pending:    map[v1.Offer_Operation_Type]int{},
	}
	for _, info := range m.recovering {
		c.Recovered = append(c.Recovered, info)
	}
	for _, a := range m.agents {
		c.Agents = append(c.Agents, m.viewAgent(a))
		for _, o := range a.operations {
			if o.pending() {
				c.Pending[o.info.GetType()]++
			}
		}
	}
	leaving := map[*framework]*view.Framework{}
	for _, f := range m.frameworks {
		v := viewFramework(f)
		if f.removed {
			leaving[f] = v
			c.Leaving = append(c.Leaving, v)
			continue
		}
		c.Frameworks = append(c.Frameworks, v)
	}
	for _, f := range m.completed.values {
		v := leaving[f]
		if v == nil {
			v = viewFramework(f)
		}
		c.Completed = append(c.Completed, v)
	}
	return c
}

// masterView is what pictures tell of the master itself.
func (m *Master) masterView() *view.Master {
	build := m.conf.Build
	if build == nil {
		build = &v1.VersionInfo{Version: proto.String(m.conf.Version)}
	}
	info := proto.CloneOf(m.info)
	info.Capabilities = append(info.Capabilities, &v1.MasterInfo_Capability{Type: v1.MasterInfo_Capability_QUOTA_V2.Enum()})
	return &view.Master{Info: info, Build: build, Start: m.start, Elected: m.start, Cluster: m.conf.Cluster, Flags: m.conf.Flags}
}

func (m *Master) viewAgent(a *agent) *view.Agent {
	v := &view.Agent{
		ID: a.id, Info: a.info, PID: a.upid.String(), Scheme: m.conf.TLS.Scheme(), Version: a.version, Capabilities: a.capabilities, Total: a.total,
		Active: m.offerable(a), Registered: a.registered, Reregistered: a.reregistered, Unavailable: a.unavailable,
	}
	for _, p := range ordered.All(a.providers) {
		v.Providers = append(v.Providers, p.info)
	}
	if w := m.withdrawn[a.id]; w != nil {
		v.Deactivated = true
		if w.drain != nil {
			v.Drain, v.DrainStart = w.drain, w.began
		}
	}
	return v
}

// viewFrameworkAlone is without what the framework holds.
func viewFrameworkAlone(f *framework) *view.Framework {
	return &view.Framework{
		ID: f.id, Info: f.info, PID: f.pid, Roles: f.roles, MultiRole: f.caps.multiRole,
		Active: f.active, Connected: f.conn != nil, Recovered: f.recovered,
		Registered: f.registered, Reregistered: f.reregistered, Unregistered: f.unregistered,
		OfferConstraints: f.wishes.said, Suppressed: f.suppressed, Counts: f.counts,
	}
}

func viewFramework(f *framework) *view.Framework {
	v := viewFrameworkAlone(f)
	v.Tasks, v.Offers = make([]*view.Task, 0, len(f.tasks)), make([]view.Offer, 0, len(f.offers))
	v.Unreachable, v.Completed = f.pastUnreachable.of(f.unreachable.values), f.pastCompleted.of(f.completed.values)
	for _, t := range f.tasks {
		v.Tasks = append(v.Tasks, t.look())
	}
	for agentID, executors := range f.executors {
		for _, e := range executors {
			v.Executors = append(v.Executors, view.Executor{Info: e.info, AgentID: agentID, Resources: e.resources})
		}
	}
	for _, o := range f.inverse {
		v.InverseOffers = append(v.InverseOffers, o.msg)
	}
	for _, o := range f.offers {
		v.Offers = append(v.Offers, view.Offer{ID: o.id, FrameworkID: o.frameworkID, AgentID: o.agentID, Role: o.role, Made: o.made, Resources: o.resources})
	}
	return v
}

// look returns the task as it is now: the same value as last time if nothing
// about it has changed.
func (t *task) look() *view.Task {
	v := t.seen
	if v != nil && v.State == t.state && v.StatusState == t.statusState && v.Freed == t.freed && bytes.Equal(v.StatusUUID, t.statusUUID) &&
		len(v.Statuses) == len(t.statuses) && (len(t.statuses) == 0 || v.Statuses[len(t.statuses)-1] == t.statuses[len(t.statuses)-1]) {
		return v
	}
	t.seen = &view.Task{
		ID: t.id, FrameworkID: t.frameworkID, AgentID: t.agentID, ExecutorID: t.executorID, Desc: t.desc, Resources: t.resources,
		State: t.state, StatusState: t.statusState, StatusUUID: t.statusUUID, Statuses: t.statuses, Freed: t.freed,
	}
	return t.seen
}

// past is the view of a ring of tasks, which do not change any more. It is made
// anew only when the ring has changed.
type past struct {
	from  []*task
	views []*view.Task
}

func (p *past) of(values []*task) []*view.Task {
	n := len(values)
	if n != len(p.from) || n > 0 && &values[0] != &p.from[0] {
		views := make([]*view.Task, n)
		for i, t := range values {
			views[i] = t.look()
		}
		p.from, p.views = values, views
	}
	return p.views
}
