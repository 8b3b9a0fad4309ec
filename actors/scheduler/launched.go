package scheduler

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
	"mesos/messages/states"
)

// The driver remembers the tasks that it launched until they end. When it
// subscribes again it asks for each by name, since a master that never got the
// launch cannot tell of it, and goes on asking while nothing is answered: a new
// master stays silent until the agent of the task had its time to come back.

// firstQuestion and lastQuestion bound the time until tasks without an answer are asked for again.
const (
	firstQuestion = time.Second
	lastQuestion  = time.Minute
)

// launched is one task that may be alive.
type launched struct {
	agentID *v1.AgentID
	asked   bool // and not answered yet, or answered that its agent is out of reach
}

func (d *Driver) remember(ops []*v1.Offer_Operation) {
	for _, op := range ops {
		tasks := op.GetLaunch().GetTaskInfos()
		tasks = append(tasks[:len(tasks):len(tasks)], op.GetLaunchGroup().GetTaskGroup().GetTasks()...)
		for _, t := range tasks {
			d.tasks[t.GetTaskId().GetValue()] = &launched{agentID: proto.CloneOf(t.GetAgentId())}
		}
	}
}

// heard notes what an update tells of a task.
func (d *Driver) heard(s *v1.TaskStatus) {
	id := s.GetTaskId().GetValue()
	if states.Terminal(s.GetState()) {
		delete(d.tasks, id)
		return
	}
	t := d.tasks[id]
	if t == nil {
		return
	}
	// An agent that comes back may not have the task, and its master may never have heard of it.
	if t.asked = s.GetState() == v1.TaskState_TASK_UNREACHABLE; t.asked && !d.asking {
		d.askLater(d.attempt, firstQuestion)
	}
}

// askForAll asks for the state of every task after a new subscription.
func (d *Driver) askForAll() {
	for _, t := range ordered.All(d.tasks) {
		t.asked = true
	}
	d.send(&schedulerv1.Call{Type: schedulerv1.Call_RECONCILE.Enum(), Reconcile: &schedulerv1.Call_Reconcile{}})
	d.ask(d.attempt, firstQuestion)
}

// ask repeats the question for tasks that nobody told of yet.
func (d *Driver) ask(attempt int, wait time.Duration) {
	if attempt != d.attempt || !d.subscribed {
		return // a later subscription asks anew
	}
	r := &schedulerv1.Call_Reconcile{}
	for id, t := range ordered.All(d.tasks) {
		if t.asked {
			r.Tasks = append(r.Tasks, &schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(id), AgentId: t.agentID})
		}
	}
	if d.asking = len(r.Tasks) > 0; !d.asking {
		return
	}
	d.send(&schedulerv1.Call{Type: schedulerv1.Call_RECONCILE.Enum(), Reconcile: r})
	d.askLater(attempt, wait)
}

func (d *Driver) askLater(attempt int, wait time.Duration) {
	d.asking = true
	d.p.Delay(wait, func() { d.ask(attempt, min(2*wait, lastQuestion)) })
}
