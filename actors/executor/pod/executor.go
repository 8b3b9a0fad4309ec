package pod

import (
	"cmp"
	"time"

	"mesos/actors/checks"
	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/ordered"
)

// OnFailure is the label of an executor that says what becomes of a group of
// which one task has failed or was killed: "kill", the default, or "continue".
const OnFailure = "task_group.on_failure"

// Containers are those of the agent; *executor.Containers is one.
type Containers interface {
	Do(call *agentv1.Call, done func(executor.Answer))
	Subscribed()
	Disconnected()
}

// Machine is what the executor itself does on its machine. Its methods do not
// block.
type Machine interface {
	// NewID makes the id of a container.
	NewID() string
	// Link makes the sandbox of a task's container known under the task's name.
	Link(task, container string)
	// Probe makes a probe over HTTP, HTTPS or TCP; see checks.Prober.
	Probe(p checks.Probe, done func(checks.Result)) (cancel func())
	// KillOrphans ends, when there is no agent to do so, every process of
	// every container below the executor's.
	KillOrphans()
}

// Options of an Executor.
type Options struct {
	Runtime    executor.Runtime
	Containers Containers
	Machine    Machine
	Leave      func() // called once: nothing is left to do
	Now        func() time.Time
	Sandbox    string // the executor's own
	IP         string // of the executor and its tasks, for MESOS_CONTAINER_IP; "" if not known
}

// Executor runs task groups.
type Executor struct {
	Options

	self        *v1.ContainerID // of the executor
	tellKilling bool            // the framework knows TASK_KILLING
	keepGroups  bool            // a failure of one task is no matter of the others
	shutdown    bool
	left        bool
	tasks       map[string]*child // by task id; those that are not over
}

var _ executor.Handler = (*Executor)(nil)

// New makes an Executor.
func New(o Options) *Executor { return &Executor{Options: o, tasks: map[string]*child{}} }

// Subscribed implements executor.Handler.
func (e *Executor) Subscribed(_ *executor.Driver, s *executorv1.Event_Subscribed) {
	e.self = s.GetContainerId()
	for _, c := range s.GetFrameworkInfo().GetCapabilities() {
		if c.GetType() == v1.FrameworkInfo_Capability_TASK_KILLING_STATE {
			e.tellKilling = true
		}
	}
	for _, l := range s.GetExecutorInfo().GetLabels().GetLabels() {
		if l.GetKey() == OnFailure {
			e.keepGroups = l.GetValue() == "continue"
		}
	}
	e.Containers.Subscribed()
}

// Disconnected implements executor.Handler: the tasks run on.
func (e *Executor) Disconnected(*executor.Driver) { e.Containers.Disconnected() }

// Launch implements executor.Handler: a task alone is a group of one.
func (e *Executor) Launch(d *executor.Driver, t *v1.TaskInfo) {
	e.LaunchGroup(d, &v1.TaskGroupInfo{Tasks: []*v1.TaskInfo{t}})
}

// LaunchGroup implements executor.Handler.
func (e *Executor) LaunchGroup(d *executor.Driver, group *v1.TaskGroupInfo) {
	g := &pack{}
	for _, t := range group.GetTasks() {
		id := t.GetTaskId().GetValue()
		if e.tasks[id] != nil {
			return // told twice
		}
	}
	for _, t := range group.GetTasks() {
		c := &child{e: e, d: d, task: t, pack: g, container: e.nested(e.self)}
		g.all = append(g.all, c)
		e.tasks[c.id()] = c
	}
	if e.shutdown {
		for _, c := range g.all {
			c.finish(c.status(v1.TaskState_TASK_KILLED, "The executor was shut down before the task started"))
		}
		return
	}
	for _, c := range g.all {
		d.Update(c.status(v1.TaskState_TASK_STARTING, ""))
	}
	for _, c := range g.all {
		c.launch()
	}
}

// nested makes the id of a container below another.
func (e *Executor) nested(parent *v1.ContainerID) *v1.ContainerID {
	id := e.Machine.NewID()
	return &v1.ContainerID{Value: &id, Parent: parent}
}

// Kill implements executor.Handler. A later kill that brings a policy makes the
// SIGKILL come earlier, never later; its grace counts from the first kill,
// or, if that left time for draining, from now, which ends that.
func (e *Executor) Kill(_ *executor.Driver, id *v1.TaskID, p *v1.KillPolicy) {
	c := e.tasks[id.GetValue()]
	switch {
	case c == nil: // never was, or is over
	case c.cause == none:
		c.endSoftly(p)
	case p.GetGracePeriod() != nil:
		c.hurry()
		c.killBy(c.since.Add(c.grace(p)))
	}
}

// Message implements executor.Handler; task groups take none.
func (e *Executor) Message(*executor.Driver, []byte) {}

// Shutdown implements executor.Handler. The tasks' grace is cut so that their
// ends can still be told before the executor's own grace is over.
func (e *Executor) Shutdown(d *executor.Driver) {
	e.shutdown = true
	whole := d.Config().ShutdownGracePeriod
	most := max(whole-time.Second, whole/2)
	for _, c := range ordered.All(e.tasks) {
		grace := min(c.grace(nil), most)
		if c.cause == none {
			c.end(killed, 0, grace)
		} else {
			c.hurry()
			c.killBy(e.Now().Add(grace))
		}
	}
	d.WhenAcknowledged(e.leaveIfIdle)
}

// Expired is for the driver's end of the grace period: leave now. The agent ends
// what is left.
func (e *Executor) Expired() { e.leaveOnce() }

// Stopped is for the driver's end: no agent is there to end the tasks.
func (e *Executor) Stopped() {
	for _, c := range ordered.All(e.tasks) {
		c.uncheck()
	}
	if len(e.tasks) > 0 {
		e.Machine.KillOrphans()
	}
	e.leaveOnce()
}

// path is a container's id led by those of the containers around it.
func path(id *v1.ContainerID) string {
	if p := id.GetParent(); p != nil {
		return path(p) + "." + id.GetValue()
	}
	return id.GetValue()
}

func (e *Executor) leaveIfIdle() {
	if len(e.tasks) == 0 {
		e.leaveOnce()
	}
}

func (e *Executor) leaveOnce() {
	if !e.left {
		e.left = true
		e.Leave()
	}
}

// sandbox is that of a container below the executor's.
func (e *Executor) sandbox(id *v1.ContainerID) string {
	if id.GetParent() == nil {
		return e.Sandbox
	}
	return e.sandbox(id.GetParent()) + "/containers/" + id.GetValue()
}

// grace is the one of the kill, or the task's, or the default.
func (c *child) grace(kill *v1.KillPolicy) time.Duration {
	own := cmp.Or(kill.GetGracePeriod(), c.task.GetKillPolicy().GetGracePeriod())
	if own == nil {
		return DefaultGracePeriod
	}
	return max(time.Duration(own.GetNanoseconds()), 0)
}

// DefaultGracePeriod is the time from SIGTERM to SIGKILL where neither the kill
// nor the task's kill policy says otherwise.
const DefaultGracePeriod = 3 * time.Second
