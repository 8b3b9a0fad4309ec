package master

import (
	"encoding/hex"
	"strings"
	"time"

	"mesos/actors/tracing"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// way is what a task notes for its trace; zero where another master, or nobody, saw it.
type way struct {
	offered time.Time // the oldest of the offers that it was launched on
	told    time.Time // its newest status came
}

// accepting is the ACCEPT that is being carried out, for the traces of what it launches.
type accepting struct {
	at, offered time.Time
	offers      string
}

func keyOf(frameworkID, taskID string) tracing.Task {
	return tracing.Task{FrameworkID: frameworkID, TaskID: taskID}
}

// noteAccept remembers what an ACCEPT uses up, before it does.
func (m *Master) noteAccept(offerIDs []*v1.OfferID) {
	if m.conf.Tracer == nil {
		return
	}
	m.accepting = accepting{at: time.Now()}
	var names []string
	for _, id := range offerIDs {
		if o := m.offers[id.GetValue()]; o != nil {
			names = append(names, o.id)
			if m.accepting.offered.IsZero() || o.made.Before(m.accepting.offered) {
				m.accepting.offered = o.made
			}
		}
	}
	m.accepting.offers = strings.Join(names, ",")
}

// traceLaunch tells of a task that is on its way to its agent.
func (m *Master) traceLaunch(t *task) {
	k, c := keyOf(t.frameworkID, t.id), m.accepting
	if !m.conf.Tracer.On(k) {
		return
	}
	t.way.offered = c.offered
	about := map[string]string{"offer_id": c.offers, "agent_id": t.agentID}
	m.conf.Tracer.Record(tracing.Span{Task: k, Ref: tracing.Ref{Name: "offer"}, Start: c.offered, End: c.at, Attributes: about})
	m.conf.Tracer.Record(tracing.Span{Task: k, Ref: tracing.Ref{Name: "accept"}, Start: c.at, End: time.Now(), Attributes: about})
}

// traceRefusal tells of a task that was never launched: its trace is over.
func (m *Master) traceRefusal(f *framework, info *v1.TaskInfo, why error) {
	k, c, now := keyOf(f.id, info.GetTaskId().GetValue()), m.accepting, time.Now()
	if !m.conf.Tracer.On(k) || f.tasks[k.TaskID] != nil {
		return // of a task that lives no end is told
	}
	about := map[string]string{"offer_id": c.offers, "agent_id": info.GetAgentId().GetValue()}
	m.conf.Tracer.Record(tracing.Span{Task: k, Ref: tracing.Ref{Name: "accept"}, Start: c.at, End: now, Failed: why.Error(), Attributes: about})
	m.conf.Tracer.Record(tracing.Span{
		Task: k, Ref: tracing.Ref{Name: "task"}, Start: c.at, End: now, Failed: why.Error(), Attributes: about, Continues: traceparent(info.GetLabels()),
	})
}

// traceForward tells of a status that its framework has acknowledged.
func (m *Master) traceForward(t *task) {
	k, update := keyOf(t.frameworkID, t.id), hex.EncodeToString(t.statusUUID)
	m.conf.Tracer.Record(tracing.Span{
		Task: k, Ref: tracing.Ref{Name: "forward", Of: update}, Parent: tracing.Ref{Name: "update", Of: update}, Start: t.way.told, End: time.Now(),
		Attributes: map[string]string{"state": t.statusState.String(), "agent_id": t.agentID},
	})
}

// traceEnd tells of a task as a whole. One that is unreachable may come back: it is not over.
func (m *Master) traceEnd(t *task) {
	k := keyOf(t.frameworkID, t.id)
	if !m.conf.Tracer.On(k) || !states.Terminal(t.statusState) {
		return
	}
	last := t.lastStatus()
	s := tracing.Span{
		Task: k, Ref: tracing.Ref{Name: "task"}, Start: t.way.offered, End: time.Now(), Continues: traceparent(t.desc.GetLabels()),
		Attributes: map[string]string{"state": t.statusState.String(), "agent_id": t.agentID, "name": t.desc.GetName()},
	}
	if t.statusState != v1.TaskState_TASK_FINISHED && t.statusState != v1.TaskState_TASK_KILLED {
		s.Failed = t.statusState.String() + ": " + last.GetMessage()
	}
	if s.Start.IsZero() && len(t.statuses) > 0 { // launched by an earlier master
		s.Start = time.UnixMicro(int64(t.statuses[0].GetTimestamp() * 1e6))
	}
	m.conf.Tracer.Record(s)
}

// traceparent is the trace that the framework has begun for a task, "" for none.
func traceparent(l *v1.Labels) string {
	for _, label := range l.GetLabels() {
		if label.GetKey() == "traceparent" {
			return label.GetValue()
		}
	}
	return ""
}
