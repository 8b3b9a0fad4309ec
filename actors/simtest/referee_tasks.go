package simtest

import (
	"strings"

	"mesos/actors/memnet"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/ordered"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// judged is a task as the referee knows it.
type judged struct {
	resources resources.Resources
	kept      bool            // its framework checkpoints
	seen      map[string]bool // uuids of updates that its framework heard
	rank      int             // of the newest
	end       ending          // as its framework heard
	over      bool            // its end is durable with its agent
}

// task is one task, known or not yet. r.mu is held.
func (r *referee) task(id string) *judged {
	t := r.tasks[id]
	if t == nil {
		t = &judged{seen: map[string]bool{}}
		r.tasks[id] = t
	}
	return t
}

// launched is told of what a framework launches.
func (r *referee) launched(f *v1.FrameworkInfo, tasks ...*v1.TaskInfo) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, info := range tasks {
		t := r.task(info.GetTaskId().GetValue())
		t.kept = f.GetCheckpoint()
		if res, err := resources.FromProto(info.GetResources()); err == nil {
			t.resources = res.Unallocate().Filter(func(e resources.Resource) bool { return !e.IsReserved() })
		}
	}
}

// started looks at a task that begins to run in a container.
func (r *referee) started(task, container string, starts int) {
	if starts > 1 {
		r.fail("task %s starts for the %d. time", task, starts)
	}
	outer, _, _ := strings.Cut(container, ".")
	a := r.c.tasks.machine(outer)
	if a == nil {
		return
	}
	var sum resources.Resources
	r.mu.Lock()
	if r.hosts[a.addr] == nil {
		r.hosts[a.addr] = map[string]bool{}
	}
	r.hosts[a.addr][task] = true
	for id := range ordered.All(r.hosts[a.addr]) {
		if r.c.tasks.alive(id) == 0 {
			delete(r.hosts[a.addr], id)
			continue
		}
		sum = sum.Add(r.task(id).resources.NonRevocable()) // of the others there may be less by now
	}
	r.mu.Unlock()
	if total := a.resources; !total.Contains(sum) {
		r.fail("task %s starts on %s, where %v run then: it has %v", task, a.addr, sum, total)
	}
}

// rank orders the states of an update stream.
func rank(s v1.TaskState) int {
	switch {
	case states.Terminal(s):
		return 3
	case s == v1.TaskState_TASK_RUNNING || s == v1.TaskState_TASK_KILLING:
		return 2
	}
	return 1
}

// update looks at what a framework is told.
func (r *referee) update(framework string, s *v1.TaskStatus) {
	if r == nil {
		return
	}
	id, state := s.GetTaskId().GetValue(), s.GetState()
	r.mu.Lock()
	t := r.task(id)
	r.mu.Unlock()
	if state == v1.TaskState_TASK_FINISHED && !r.c.tasks.hasFinished(id) {
		r.fail("task %s is told finished to %s, and is not", id, framework)
	}
	if u := string(s.GetUuid()); u != "" && !t.seen[u] {
		t.seen[u] = true
		if n := rank(state); n < t.rank {
			r.fail("task %s: %s is told to %s after what came later", id, state, framework)
		} else {
			t.rank = n
		}
	}
	if t.end.hear(s) {
		r.fail("task %s is told %s to %s, after it was %s", id, state, framework, t.end.told[0])
	}
}

// wrote is called by an agent's disk for each update that is durable.
func (r *referee) wrote(u *internalpb.StatusUpdate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.durable[string(u.GetUuid())] = true
	if s := u.GetStatus(); states.Terminal(s.GetState()) {
		r.task(s.GetTaskId().GetValue()).over = true
	}
}

// delivered looks at messages that say that an update is safe.
func (r *referee) delivered(d memnet.Delivery) {
	switch m := d.Message.(type) {
	case *executorv1.Event:
		if m.GetType() == executorv1.Event_ACKNOWLEDGED {
			r.safe("acknowledged to its executor", m.GetAcknowledged().GetTaskId().GetValue(), m.GetAcknowledged().GetUuid())
		}
	case *internalpb.StatusUpdateMessage:
		if strings.HasPrefix(d.From.ID, "slave(") {
			r.safe("told to the master", m.GetUpdate().GetStatus().GetTaskId().GetValue(), m.GetUpdate().GetUuid())
		}
	}
}

// safe checks that an update is durable, unless it comes after the end of its task: then it may be dropped.
func (r *referee) safe(what, task string, uuid []byte) {
	r.mu.Lock()
	t := r.task(task)
	bad := t.kept && !t.over && len(uuid) > 0 && !r.durable[string(uuid)]
	r.mu.Unlock()
	if bad {
		r.fail("task %s: an update is %s before it is durable", task, what)
	}
}
