package view

import (
	"net"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"cmp"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/resources"
)

// Messages of the operator API. They share what they point to with the picture: nobody may change them.

// Proto is the task as GET_TASKS and TASK_ADDED tell it.
func (t *Task) Proto() *v1.Task {
	d := t.Desc
	return &v1.Task{
		Name: d.Name, TaskId: d.TaskId, FrameworkId: d.FrameworkId, ExecutorId: d.ExecutorId, AgentId: d.AgentId,
		Resources: d.Resources, Labels: d.Labels, Discovery: d.Discovery, Container: d.Container, HealthCheck: d.HealthCheck,
		KillPolicy: d.KillPolicy, User: d.User, Limits: d.Limits,
		State: t.State.Enum(), Statuses: t.Statuses, StatusUpdateState: t.statusUpdateState(), StatusUpdateUuid: t.StatusUUID,
	}
}

// statusUpdateState is unset until a status was sent to the framework.
func (t *Task) statusUpdateState() *v1.TaskState {
	if len(t.Statuses) == 0 {
		return nil
	}
	return t.StatusState.Enum()
}

// Tasks is GET_TASKS.
func (c *Cluster) Tasks() *masterv1.Response_GetTasks {
	out := &masterv1.Response_GetTasks{Tasks: protos(c.added().tasks)}
	for _, list := range [][]*Framework{c.Frameworks, c.Completed} {
		for _, f := range list {
			out.UnreachableTasks = append(out.UnreachableTasks, protos(f.Unreachable)...)
			out.CompletedTasks = append(out.CompletedTasks, protos(f.Completed)...)
		}
	}
	return out
}

func protos(tasks []*Task) []*v1.Task {
	out := make([]*v1.Task, len(tasks))
	for i, t := range tasks {
		out[i] = t.Proto()
	}
	return out
}

// ExecutorProtos is GET_EXECUTORS.
func (c *Cluster) ExecutorProtos() *masterv1.Response_GetExecutors {
	out := &masterv1.Response_GetExecutors{}
	c.added()
	for _, list := range [][]*Framework{c.Frameworks, c.Leaving} {
		for _, f := range list {
			for i := range f.Executors {
				e := &f.Executors[i]
				if e.Info == nil {
					continue
				}
				out.Executors = append(out.Executors, &masterv1.Response_GetExecutors_Executor{ExecutorInfo: e.Info, AgentId: ids.Agent(e.AgentID)})
			}
		}
	}
	return out
}

// Proto is the agent as AGENT_ADDED tells it: without what is used and offered.
func (a *Agent) Proto() *masterv1.Response_GetAgents_Agent {
	m := &masterv1.Response_GetAgents_Agent{
		AgentInfo: a.Info, Active: &a.Active, Deactivated: &a.Deactivated, Version: proto.String(a.Version), Pid: proto.String(a.PID),
		RegisteredTime: timeInfo(a.Registered), TotalResources: a.Total.EndpointProto(),
	}
	if !a.Reregistered.IsZero() {
		m.ReregisteredTime = timeInfo(a.Reregistered)
	}
	if a.Drain != nil {
		m.DrainInfo, m.EstimatedDrainStartTime = a.Drain, timeInfo(a.DrainStart)
	}
	for _, p := range a.Providers {
		m.ResourceProviders = append(m.ResourceProviders, &masterv1.Response_GetAgents_Agent_ResourceProvider{
			ResourceProviderInfo: p, TotalResources: some(a.Total.OfProvider(p.GetId().GetValue())),
		})
	}
	for _, c := range a.Capabilities {
		m.Capabilities = append(m.Capabilities, &v1.AgentInfo_Capability{Type: c.Enum()})
	}
	return m
}

// AgentProtos is GET_AGENTS.
func (c *Cluster) AgentProtos() *masterv1.Response_GetAgents {
	c.added()
	out := &masterv1.Response_GetAgents{RecoveredAgents: c.Recovered}
	for _, a := range c.Agents {
		m := a.ProtoFor(c.see)
		m.AllocatedResources = some(c.visible(c.Used(a)))
		m.OfferedResources = some(c.visible(c.Offered(a)))
		out.Agents = append(out.Agents, m)
	}
	return out
}

func some(r resources.Resources) []*v1.Resource {
	if r.IsEmpty() {
		return nil
	}
	return r.EndpointProto()
}

// Proto is the framework as FRAMEWORK_ADDED tells it: without what it holds.
func (f *Framework) Proto() *masterv1.Response_GetFrameworks_Framework {
	again := f.Reregistered
	if again.IsZero() {
		again = f.Registered
	}
	return &masterv1.Response_GetFrameworks_Framework{
		FrameworkInfo: f.Info, Active: &f.Active, Connected: &f.Connected, Recovered: &f.Recovered,
		RegisteredTime: timeInfo(f.Registered), ReregisteredTime: timeInfo(again), UnregisteredTime: timeInfo(f.Unregistered),
	}
}

// FrameworkProtos is GET_FRAMEWORKS.
func (c *Cluster) FrameworkProtos() *masterv1.Response_GetFrameworks {
	c.added()
	agents := map[string]*Agent{}
	for _, a := range c.Agents {
		agents[a.ID] = a
	}
	out := &masterv1.Response_GetFrameworks{}
	for _, f := range c.Frameworks {
		out.Frameworks = append(out.Frameworks, c.frameworkProto(f, agents))
	}
	for _, f := range c.Completed {
		out.CompletedFrameworks = append(out.CompletedFrameworks, c.frameworkProto(f, agents))
	}
	return out
}

func (c *Cluster) frameworkProto(f *Framework, agents map[string]*Agent) *masterv1.Response_GetFrameworks_Framework {
	m := f.Proto()
	if f.Unregistered.IsZero() {
		m.UnregisteredTime = nil
	}
	m.AllocatedResources, m.OfferedResources = some(c.UsedBy(f)), some(c.OfferedTo(f))
	m.OfferConstraints, m.InverseOffers = f.constraints(), f.InverseOffers
	for i := range f.Offers {
		if a := agents[f.Offers[i].AgentID]; a != nil {
			m.Offers = append(m.Offers, f.offerProto(&f.Offers[i], a))
		}
	}
	return m
}

func (f *Framework) offerProto(o *Offer, a *Agent) *v1.Offer {
	m := &v1.Offer{
		Id: ids.Offer(o.ID), FrameworkId: ids.Framework(f.ID), AgentId: ids.Agent(a.ID), Hostname: a.Info.Hostname, Url: a.URL(),
		Domain: a.Info.Domain, Resources: o.Resources.Proto(), Attributes: a.Info.Attributes, Unavailability: a.Unavailable,
		AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String(o.Role)},
	}
	for _, e := range f.Executors {
		if e.AgentID == a.ID && e.Info != nil {
			m.ExecutorIds = append(m.ExecutorIds, e.Info.GetExecutorId())
		}
	}
	return m
}

// URL is where the agent's HTTP answers.
func (a *Agent) URL() *v1.URL {
	id, addr, _ := strings.Cut(a.PID, "@")
	host, portText, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr // as in simulations
	}
	port, _ := strconv.ParseInt(portText, 10, 32) // 0 for none
	return &v1.URL{
		Scheme: proto.String(cmp.Or(a.Scheme, "http")), Path: proto.String("/" + id),
		Address: &v1.Address{Hostname: a.Info.Hostname, Ip: proto.String(host), Port: proto.Int32(int32(port))},
	}
}

// StateProto is GET_STATE.
func (c *Cluster) StateProto() *masterv1.Response_GetState {
	return &masterv1.Response_GetState{
		GetTasks: c.Tasks(), GetExecutors: c.ExecutorProtos(), GetFrameworks: c.FrameworkProtos(), GetAgents: c.AgentProtos(),
	}
}

func timeInfo(t time.Time) *v1.TimeInfo {
	if t.IsZero() {
		return &v1.TimeInfo{Nanoseconds: proto.Int64(0)}
	}
	return &v1.TimeInfo{Nanoseconds: proto.Int64(t.UnixNano())}
}
