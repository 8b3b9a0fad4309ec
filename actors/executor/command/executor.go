package command

import (
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/checks"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/units"
)

// DefaultGracePeriod is the time from SIGTERM to SIGKILL where neither the kill
// nor the task's kill policy says otherwise.
const DefaultGracePeriod = 3 * time.Second

// Processes are those of the one command. Its methods are called on the
// driver's goroutine and do not wait for processes to end.
type Processes interface {
	// Start starts the task's command. ended is called once, on the
	// driver's goroutine, when the command and all below it are gone, with
	// the wait status of the command.
	Start(t *v1.TaskInfo, ended func(syscall.WaitStatus)) error
	// Probe makes a probe of the task; see checks.Prober.
	Probe(t *v1.TaskInfo, p checks.Probe, done func(checks.Result)) (cancel func())
	// Terminate asks all of them to end.
	Terminate()
	// Kill ends all of them.
	Kill()
}

// Slow are Processes whose start takes a while, so that it is not waited for:
// StartSlowly is called in place of Start.
type Slow interface {
	// StartSlowly starts the task's command. started is called once, on the
	// driver's goroutine: with what is to be told about the task in each of its
	// updates from then on (data in the first alone), or nil; or with why there is
	// no command. Then,
	// unless there was an error, ended is called once as Start does. Terminate
	// and Kill may come before started, and count.
	StartSlowly(t *v1.TaskInfo, started func(about *v1.TaskStatus, err error), ended func(syscall.WaitStatus))
}

// cause is why a command is being ended.
type cause int

const (
	none      cause = iota
	killed          // by the scheduler, or with the executor
	unhealthy       // by its health check
	overtime        // max_completion_time
)

// Executor runs one task.
type Executor struct {
	p     Processes
	leave func() // once: nothing is left to do
	now   func() time.Time

	tellKilling bool // the framework knows TASK_KILLING
	shutdown    bool
	left        bool

	id      string // of the one task, "" until launched or killed
	task    *v1.TaskInfo
	about   *v1.TaskStatus // of the command that runs, for each update; nil: nothing
	checked checked
	over    bool // the terminal update is made
	cause   cause
	since   time.Time // of the first SIGTERM, which is to come while drain is set
	told    bool      // TASK_RUNNING was
	drain   func()    // cancel of the SIGTERM after draining

	escalate func()    // cancel of the SIGKILL
	sigkill  time.Time // of the SIGKILL
	deadline func()    // cancel of the end of max_completion_time
	rt       executor.Runtime
}

var _ executor.Handler = (*Executor)(nil)

// New makes an Executor. leave is called once, when the program may end.
func New(rt executor.Runtime, p Processes, leave func(), now func() time.Time) *Executor {
	return &Executor{p: p, leave: leave, now: now, rt: rt}
}

// Subscribed implements executor.Handler.
func (e *Executor) Subscribed(_ *executor.Driver, s *executorv1.Event_Subscribed) {
	for _, c := range s.GetFrameworkInfo().GetCapabilities() {
		if c.GetType() == v1.FrameworkInfo_Capability_TASK_KILLING_STATE {
			e.tellKilling = true
		}
	}
}

// Launch implements executor.Handler. A second task fails, and the first runs on.
func (e *Executor) Launch(d *executor.Driver, t *v1.TaskInfo) {
	id := t.GetTaskId().GetValue()
	switch {
	case id == e.id: // told twice, or killed before it came
		return
	case e.id != "":
		d.Update(status(id, v1.TaskState_TASK_FAILED, "This executor runs one command, and has task "+e.id))
		return
	case e.shutdown:
		d.Update(status(id, v1.TaskState_TASK_KILLED, "The executor was shut down before the task started"))
		return
	}
	e.id, e.task = id, t
	d.Update(e.status(v1.TaskState_TASK_STARTING, ""))
	ended := func(ws syscall.WaitStatus) { e.ended(d, ws) }
	if slow, is := e.p.(Slow); is {
		slow.StartSlowly(t, func(about *v1.TaskStatus, err error) { e.started(d, about, err) }, ended)
		return
	}
	e.started(d, nil, e.p.Start(t, ended))
}

// started tells that the command runs, or why it does not. One that is being
// killed already is not told to run.
func (e *Executor) started(d *executor.Driver, about *v1.TaskStatus, err error) {
	t := e.task
	e.about = about
	if err != nil {
		stop(&e.escalate)
	}
	switch {
	case err != nil && e.cause == killed:
		e.finish(d, e.status(v1.TaskState_TASK_KILLED, "Killed before the command started"))
		return
	case err != nil:
		s := e.status(v1.TaskState_TASK_FAILED, "Command did not start: "+err.Error())
		s.Reason = v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED.Enum()
		e.finish(d, s)
		return
	case e.cause != none || e.over:
		return
	}
	e.told = true
	d.Update(e.status(v1.TaskState_TASK_RUNNING, ""))
	if about != nil {
		about.Data = nil // told once: it may be long
	}
	if m := t.GetMaxCompletionTime(); m != nil {
		// Its time is over: no grace on top.
		e.deadline = e.rt.Delay(time.Duration(m.GetNanoseconds()), func() { e.end(d, overtime, 0, 0) })
	}
	e.check(d)
}

// LaunchGroup implements executor.Handler: groups are not for this executor.
func (e *Executor) LaunchGroup(d *executor.Driver, g *v1.TaskGroupInfo) {
	for _, t := range g.GetTasks() {
		d.Update(status(t.GetTaskId().GetValue(), v1.TaskState_TASK_FAILED, "This executor runs one command; a task group needs the default executor"))
	}
	if e.id == "" {
		d.WhenAcknowledged(e.leaveOnce)
	}
}

// Kill implements executor.Handler. A later kill that brings a policy makes
// the SIGKILL come earlier, never later; its grace counts from the first kill,
// or, if that left time for draining, from now, which ends that.
func (e *Executor) Kill(d *executor.Driver, id *v1.TaskID, p *v1.KillPolicy) {
	switch {
	case e.id == "":
		e.id = id.GetValue()
		e.finish(d, e.status(v1.TaskState_TASK_KILLED, "Killed before the command started"))
	case e.id != id.GetValue() || e.over:
	case e.cause == none:
		e.endSoftly(d, p)
	case p.GetGracePeriod() != nil:
		e.hurry()
		e.killBy(e.since.Add(e.grace(p)))
	}
}

// Message implements executor.Handler; commands take none.
func (e *Executor) Message(*executor.Driver, []byte) {}

// Disconnected implements executor.Handler: the command runs on.
func (e *Executor) Disconnected(*executor.Driver) {}

// Shutdown implements executor.Handler. The command's grace is cut so that its
// end can still be told before the executor's own grace is over.
func (e *Executor) Shutdown(d *executor.Driver) {
	e.shutdown = true
	if e.task == nil || e.over {
		d.WhenAcknowledged(e.leaveOnce)
		return
	}
	whole := d.Config().ShutdownGracePeriod
	grace := min(e.grace(nil), max(whole-time.Second, whole/2))
	if e.cause == none {
		e.end(d, killed, 0, grace)
		return
	}
	e.hurry()
	e.killBy(e.now().Add(grace))
}

// Expired is for the driver's end of the grace period: leave now.
func (e *Executor) Expired() {
	e.p.Kill()
	e.leaveOnce()
}

// end begins to end the command, by a SIGTERM after quiet and a SIGKILL after grace behind that.
func (e *Executor) end(d *executor.Driver, why cause, quiet, grace time.Duration) {
	if e.over || e.cause != none {
		return
	}
	e.cause, e.since = why, e.now().Add(quiet)
	e.uncheck()
	if why != overtime && e.tellKilling {
		d.Update(e.status(v1.TaskState_TASK_KILLING, ""))
	}
	e.killBy(e.since.Add(grace))
	e.terminateAfter(quiet)
}

// killBy has the SIGKILL come at that time, unless it comes earlier anyway.
func (e *Executor) killBy(t time.Time) {
	if e.escalate != nil && !t.Before(e.sigkill) {
		return
	}
	stop(&e.escalate)
	e.sigkill = t
	e.escalate = e.rt.Delay(max(t.Sub(e.now()), 0), e.p.Kill)
}

// grace is the one of the kill, or the task's, or the default.
func (e *Executor) grace(p *v1.KillPolicy) time.Duration {
	for _, p := range []*v1.KillPolicy{p, e.task.GetKillPolicy()} {
		if g := p.GetGracePeriod(); g != nil {
			return max(time.Duration(g.GetNanoseconds()), 0)
		}
	}
	return DefaultGracePeriod
}

// ended tells how the command ended.
func (e *Executor) ended(d *executor.Driver, ws syscall.WaitStatus) {
	stop(&e.drain)
	stop(&e.escalate)
	stop(&e.deadline)
	e.uncheck()
	s := e.status(v1.TaskState_TASK_FAILED, "Command "+proctree.Describe(ws))
	switch {
	case e.cause == overtime:
		max := time.Duration(e.task.GetMaxCompletionTime().GetNanoseconds())
		s = e.status(v1.TaskState_TASK_FAILED, "Command did not end within its max_completion_time of "+units.FormatDuration(max))
		s.Reason = v1.TaskStatus_REASON_MAX_COMPLETION_TIME_REACHED.Enum()
	case e.cause == killed:
		s.State = v1.TaskState_TASK_KILLED.Enum()
	case e.cause == unhealthy:
		s.State, s.Healthy = v1.TaskState_TASK_KILLED.Enum(), proto.Bool(false)
	case ws.Exited() && ws.ExitStatus() == 0:
		s.State = v1.TaskState_TASK_FINISHED.Enum()
	}
	e.finish(d, s)
}

// finish makes the terminal update; when it is safe the program may end.
func (e *Executor) finish(d *executor.Driver, s *v1.TaskStatus) {
	e.over = true
	d.Update(s)
	d.WhenAcknowledged(e.leaveOnce)
}

func (e *Executor) leaveOnce() {
	if !e.left {
		e.left = true
		e.leave()
	}
}

func stop(cancel *func()) {
	if *cancel != nil {
		(*cancel)()
		*cancel = nil
	}
}

// status is one of the task itself. It says nothing that checks have found, but
// if the task has a check, that there is one.
func (e *Executor) status(s v1.TaskState, message string) *v1.TaskStatus {
	t := status(e.id, s, message)
	if e.about != nil {
		proto.Merge(t, e.about)
	}
	if c := e.task.GetCheck(); c != nil {
		t.CheckStatus = checks.NoResult(c.GetType())
	}
	return t
}

func status(id string, s v1.TaskState, message string) *v1.TaskStatus {
	t := &v1.TaskStatus{TaskId: &v1.TaskID{Value: &id}, State: &s}
	if message != "" {
		t.Message = &message
	}
	return t
}
