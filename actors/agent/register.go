package agent

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/states"
)

// maxRegistrationBackoff bounds the time between two tries to register.
const maxRegistrationBackoff = time.Minute

// capabilities are what this agent can do, in Mesos's words. They are sent, and never changed.
var capabilities = []*v1.AgentInfo_Capability{
	{Type: v1.AgentInfo_Capability_MULTI_ROLE.Enum()},
	{Type: v1.AgentInfo_Capability_HIERARCHICAL_ROLE.Enum()},
	{Type: v1.AgentInfo_Capability_RESERVATION_REFINEMENT.Enum()},
	{Type: v1.AgentInfo_Capability_RESOURCE_PROVIDER.Enum()},
	{Type: v1.AgentInfo_Capability_RESIZE_VOLUME.Enum()},
	{Type: v1.AgentInfo_Capability_AGENT_OPERATION_FEEDBACK.Enum()},
	{Type: v1.AgentInfo_Capability_AGENT_DRAINING.Enum()},
}

// register tries to (re-)register until the master answers.
func (a *Agent) register() {
	a.attempt++
	a.tryRegister(a.attempt, a.conf.RegistrationBackoff)
}

func (a *Agent) tryRegister(attempt int, backoff time.Duration) {
	if attempt != a.attempt || a.registered || !a.masterKnown() {
		return
	}
	a.p.Link(a.conf.Master)
	a.asked = true
	if a.login.Needed() {
		a.login.Begin()
	} else if a.id == "" {
		a.p.Send(a.conf.Master, &internalpb.RegisterSlaveMessage{
			Slave: a.info(), Version: proto.String(a.conf.Version), AgentCapabilities: capabilities,
			CheckpointedResources: a.total.Checkpointed().Proto(), ResourceVersionUuid: a.newVersion(),
		})
	} else {
		a.p.Send(a.conf.Master, a.reregistration())
	}
	wait := backoff/2 + a.jitter(backoff/2)
	a.p.Delay(wait, func() { a.tryRegister(attempt, min(2*backoff, maxRegistrationBackoff)) })
}

// masterLost registers again after a random part of the backoff, so that many
// agents do not arrive at a new master at once.
func (a *Agent) masterLost(why string) {
	wasRegistered := a.registered
	a.registered = false
	a.stopPingTimer()
	if !wasRegistered {
		return // tries are under way
	}
	a.log.Info("master lost", "agent_id", a.id, "master", a.conf.Master.String(), "reason", why)
	a.attempt++
	attempt := a.attempt
	a.p.Delay(a.jitter(a.conf.RegistrationBackoff), func() { a.tryRegister(attempt, a.conf.RegistrationBackoff) })
}

func (a *Agent) registeredByMaster(from actors.UPID, msg *internalpb.SlaveRegisteredMessage) {
	id := msg.GetSlaveId().GetValue()
	switch {
	case from != a.conf.Master:
		a.log.Warn("registration by a master that is not ours", "from", from.String())
		return
	case a.id != "" && a.id != id:
		a.log.Error("the master gave this agent a second id", "agent_id", a.id, "second", id)
		return
	case a.registered:
		return
	}
	a.id, a.registered = id, true
	a.log.Info("agent registered", "agent_id", a.id, "master", from.String())
	// A task may come before this is durable; what is kept of it is durable later still.
	a.conf.Store.Commit(nil, store.PutAgent(store.Agent{ID: a.id, BootID: a.conf.BootID, Info: a.info()}))
	a.nowRegistered(msg.GetConnection())
}

func (a *Agent) reregisteredByMaster(from actors.UPID, msg *internalpb.SlaveReregisteredMessage) {
	if from != a.conf.Master || msg.GetSlaveId().GetValue() != a.id {
		a.log.Warn("re-registration that is not for this agent", "from", from.String(), "agent_id", msg.GetSlaveId().GetValue())
		return
	}
	if !a.registered {
		a.registered = true
		a.log.Info("agent re-registered", "agent_id", a.id, "master", from.String())
		a.nowRegistered(msg.GetConnection())
	}
	for _, r := range msg.GetReconciliations() {
		a.accountFor(r)
	}
}

// nowRegistered sends what waited for a master.
func (a *Agent) nowRegistered(c *internalpb.MasterSlaveConnection) {
	// The link made with the registration may have been used up by an attempt
	// that failed before the one that got through.
	a.p.Link(a.conf.Master)
	a.pingLimit = time.Duration(c.GetTotalPingTimeoutSeconds() * float64(time.Second))
	a.startPingTimer()
	a.reportOperations()
	a.startLending()
	for _, u := range a.streams.Heads() {
		a.forward(u, 0)
	}
}

// accountFor answers for tasks that the master believes to be here and that the
// agent did not report: their launch never arrived, or they ran and went with
// an earlier run of the agent, since their framework does not checkpoint.
func (a *Agent) accountFor(r *internalpb.ReconcileTasksMessage) {
	fid, absent := r.GetFrameworkId().GetValue(), map[string]bool{}
	for _, s := range r.GetStatuses() {
		id := s.GetTaskId().GetValue()
		if a.findTask(fid, id) != nil {
			continue // it arrived in between
		}
		absent[s.GetExecutorId().GetValue()] = true
		if s.GetState() == v1.TaskState_TASK_STAGING {
			a.ownUpdate(fid, r.GetFramework(), id, "", v1.TaskState_TASK_DROPPED, v1.TaskStatus_REASON_RECONCILIATION, "the task is unknown to its agent: its launch was lost")
		} else {
			a.ownUpdate(fid, r.GetFramework(), id, "", v1.TaskState_TASK_GONE, v1.TaskStatus_REASON_AGENT_RESTARTED, "the task is unknown to its agent: the agent was restarted without it")
		}
	}
	for eid := range absent {
		a.executorAbsent(fid, eid)
	}
}

// executorAbsent tells the master of an executor that it counts and that never was, or is not any more. Those that the
// agent makes are never counted.
func (a *Agent) executorAbsent(fid, eid string) {
	if f := a.frameworks[fid]; eid == "" || !a.registered || f != nil && f.executors[eid] != nil {
		return
	}
	a.p.Send(a.conf.Master, &internalpb.ExitedExecutorMessage{
		SlaveId: ids.Agent(a.id), FrameworkId: ids.Framework(fid), ExecutorId: ids.Executor(eid), Status: proto.Int32(containerizer.UnknownStatus),
	})
}

// refused ends the daemon: the master will not have this agent as it is. What the
// master ended just before that is over first. If the session broke after the agent asked to be registered, the orders
// that came before this one may be lost: it asks again, and is told all of it again.
func (a *Agent) refused(from actors.UPID, msg *internalpb.ShutdownMessage) {
	if from != a.conf.Master {
		return
	}
	if !a.asked {
		a.log.Info("the master's refusal waits until it was asked again", "agent_id", a.id, "reason", msg.GetMessage())
		return
	}
	a.attempt++
	a.registered = false
	a.stopPingTimer()
	a.failWhenOver(fmt.Errorf("the master refused this agent: %s", msg.GetMessage()))
}

// lookAgain is how often an agent that ends looks for executors that do not any more.
const lookAgain = 100 * time.Millisecond

// failWhenOver waits for the executors of frameworks that were shut down: they are
// killed when their grace period is over.
func (a *Agent) failWhenOver(why error) {
	for _, e := range a.executors() {
		if e.f.terminating && e.state != terminated {
			a.p.Delay(lookAgain, func() { a.failWhenOver(why) })
			return
		}
	}
	a.conf.OnFailed(why)
}

// ping answers the master's sign of life. A master that does not count this
// agent as connected wants it to register again.
func (a *Agent) ping(from actors.UPID, msg *internalpb.PingSlaveMessage) {
	a.p.Send(from, &internalpb.PongSlaveMessage{})
	if from != a.conf.Master || !a.registered {
		return
	}
	if !msg.GetConnected() {
		a.masterLost("it does not know this agent as connected")
		return
	}
	a.startPingTimer()
}

// startPingTimer gives up on a master that stays silent: its connection may be
// broken in one direction only.
func (a *Agent) startPingTimer() {
	a.stopPingTimer()
	if a.pingLimit > 0 {
		a.cancelPing = a.p.Delay(a.pingLimit, func() { a.masterLost("it sent no ping in time") })
	}
}

func (a *Agent) stopPingTimer() {
	if a.cancelPing != nil {
		a.cancelPing()
		a.cancelPing = nil
	}
}

// reregistration says all that runs here.
func (a *Agent) reregistration() *internalpb.ReregisterSlaveMessage {
	msg := &internalpb.ReregisterSlaveMessage{
		Slave: a.info(), Version: proto.String(a.conf.Version), AgentCapabilities: capabilities,
		CheckpointedResources: a.total.Checkpointed().Proto(), ResourceVersionUuid: a.newVersion(),
	}
	for _, f := range ordered.All(a.frameworks) {
		msg.Frameworks = append(msg.Frameworks, f.info)
		for _, e := range ordered.All(f.executors) {
			if !e.command && e.state != terminated {
				msg.ExecutorInfos = append(msg.ExecutorInfos, e.info)
			}
			for _, t := range ordered.All(e.tasks) {
				msg.Tasks = append(msg.Tasks, t.message())
			}
		}
	}
	return msg
}

// message is the task as re-registration and /state tell it.
func (t *task) message() *v1.Task {
	return &v1.Task{
		Name: t.info.Name, TaskId: t.info.TaskId, FrameworkId: ids.Framework(t.frameworkID), ExecutorId: t.info.GetExecutor().GetExecutorId(),
		AgentId: t.info.AgentId, State: t.state.Enum(), Resources: t.info.Resources, Statuses: t.statuses, Labels: t.info.Labels,
		StatusUpdateState: t.sentState, StatusUpdateUuid: t.sentUUID,
		Discovery: t.info.Discovery, Container: t.info.Container, HealthCheck: t.info.HealthCheck, KillPolicy: t.info.KillPolicy, Limits: t.info.Limits,
	}
}

func (t *task) terminal() bool { return states.Terminal(t.state) }

func portOf(addr string) int {
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(p)
	return n
}
