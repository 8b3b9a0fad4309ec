package agent

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/states"
)

// defaultKillGrace is how long executors wait for a task that they kill, unless
// the task or the kill says something else.
const defaultKillGrace = 3 * time.Second

// draining is the master's order to empty this agent. It is durable before it is
// acted on, and forgotten when nothing is left to do.
type draining struct {
	config *v1.DrainConfig // nil while the agent does not drain
	began  time.Time
}

// drainMessage begins to drain, or goes on by other words.
func (a *Agent) drainMessage(from actors.UPID, msg *internalpb.DrainSlaveMessage) {
	if from != a.conf.Master {
		return
	}
	d := draining{config: msg.GetConfig(), began: time.Now()}
	if a.drain.config != nil {
		d.began = a.drain.began
	}
	a.log.Info("agent drains", "agent_id", a.id, "max_grace_period", time.Duration(d.config.GetMaxGracePeriod().GetNanoseconds()), "mark_gone", d.config.GetMarkGone())
	a.drain = d
	a.conf.Store.Commit(func() { a.p.Dispatch(a.drainTasks) }, store.PutDrain(store.Drain{Config: d.config, Began: d.began}))
}

// restoreDrain takes up the order of an earlier run, before the actor runs.
func (a *Agent) restoreDrain(s *store.State) {
	if s.Drain != nil {
		a.drain = draining{s.Drain.Config, s.Drain.Began}
	}
}

// drainTasks kills all that runs here. Executors that are away are told when they
// subscribe again.
func (a *Agent) drainTasks() {
	if a.drain.config == nil {
		return
	}
	for _, e := range a.executors() {
		for id, t := range ordered.All(e.tasks) {
			if t.terminal() {
				continue
			}
			a.killTask(a.conf.Master, &internalpb.KillTaskMessage{
				FrameworkId: ids.Framework(e.f.id), TaskId: ids.Task(id), KillPolicy: a.cappedPolicy(t),
			})
		}
	}
	a.checkDrained()
}

// cappedPolicy is the kill policy of a task while the agent drains: its own, or
// what its framework said with a kill, but no longer than the drain allows.
func (a *Agent) cappedPolicy(t *task) *v1.KillPolicy {
	return capPolicy(a.drain.config, t.info.GetKillPolicy(), t.killPolicy)
}

func capPolicy(config *v1.DrainConfig, own, said *v1.KillPolicy) *v1.KillPolicy {
	if config.GetMaxGracePeriod() == nil {
		return said
	}
	grace := int64(defaultKillGrace)
	for _, p := range []*v1.KillPolicy{own, said} { // what was said counts
		if p.GetGracePeriod() != nil {
			grace = p.GetGracePeriod().GetNanoseconds()
		}
	}
	if most := config.GetMaxGracePeriod().GetNanoseconds(); grace > most {
		return &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(most)}}
	}
	return said
}

// checkDrained forgets the order when no task and no operation is left. The
// master then knows the same.
func (a *Agent) checkDrained() {
	if a.drain.config == nil || len(a.operations) > 0 {
		return
	}
	for _, e := range a.executors() {
		if len(e.tasks) > 0 {
			return
		}
	}
	a.log.Info("agent drained", "agent_id", a.id, "after", time.Since(a.drain.began))
	a.drain = draining{}
	a.conf.Store.Commit(nil, store.DeleteDrain())
}

// explainDrain tells schedulers of a task that ends because its agent drains: one
// that knows of partitions learns by the state, too, that the agent will be gone.
func (a *Agent) explainDrain(s *v1.TaskStatus, fw *v1.FrameworkInfo) {
	if a.drain.config == nil || s.GetState() != v1.TaskState_TASK_KILLING && s.GetState() != v1.TaskState_TASK_KILLED {
		return
	}
	s.Reason = v1.TaskStatus_REASON_AGENT_DRAINING.Enum()
	if s.GetMessage() == "" {
		s.Message = proto.String("the agent drains")
	}
	if s.GetState() == v1.TaskState_TASK_KILLED && a.drain.config.GetMarkGone() {
		s.State = states.For(partitionAware(fw), v1.TaskState_TASK_GONE_BY_OPERATOR).Enum()
	}
}

// timeInfo is when the drain began, nil while the agent does not drain.
func (d draining) timeInfo() *v1.TimeInfo {
	if d.config == nil {
		return nil
	}
	return &v1.TimeInfo{Nanoseconds: proto.Int64(d.began.UnixNano())}
}
