package agent

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/ordered"
)

// executorState is how far an executor's life has come; it only moves forward.
type executorState int

const (
	registering executorState = iota // its container starts; it has not subscribed
	running                          // it subscribed, now or before
	terminating                      // it was told to stop, or is being killed
	terminated                       // its container is gone; updates may still wait
)

func (s executorState) String() string {
	return [...]string{"registering", "running", "terminating", "terminated"}[s]
}

// executor is one executor of a framework.
type executor struct {
	id      string
	f       *framework
	info    *v1.ExecutorInfo
	given   *v1.ContainerInfo // by the agent, since info has none; see container
	command bool              // made by the agent for one task without executor
	untried bool              // no task was ever sent to it

	state       executorState
	containerID string
	sandbox     string
	virtual     []string              // paths under which the sandbox is served
	process     containerizer.Process // zero while none runs
	cgroups     *v1.CgroupInfo        // of its container, see cgroupsOf
	networks    []*v1.NetworkInfo     // of its container's own, see networksOf
	launched    bool                  // the container is being started, or was
	recovered   bool                  // of an earlier run of the agent, and not subscribed to this one yet
	verdict     *verdict              // why it was ended, if the agent ended it
	exitStatus  int

	conn      executorConn // nil while it is not subscribed
	driver    actors.UPID  // of version 0, which subscribed last; zero for others
	queued    []*task      // wait for it to subscribe
	tasks     map[string]*task
	completed []*task
	started   time.Time

	resizing resizing
	start    start

	cancelTimeout func() // of its registration or shutdown, whichever runs
}

// task is one task from its arrival until its terminal update is acknowledged.
type task struct {
	frameworkID string
	info        *v1.TaskInfo
	state       v1.TaskState
	statuses    []*v1.TaskStatus
	queued      bool // waits for its executor or to be durable
	kept        bool // durable
	launching   bool // to be sent to its executor when that is durable
	buried      bool // ended before its executor saw it; that is about to be durable
	killPolicy  *v1.KillPolicy
	killWanted  bool
	group       *group // nil for a task that was launched alone

	sentState *v1.TaskState // newest that was forwarded
	sentUUID  []byte
	way       way
}

// verdict is what becomes of the tasks of an executor that the agent ended.
type verdict struct {
	state  v1.TaskState
	reason v1.TaskStatus_Reason
	text   string
}

// add gives an executor a task, which waits.
func (e *executor) add(t *task) {
	t.queued = true
	e.tasks[t.id()] = t
	e.queued = append(e.queued, t)
}

func (t *task) id() string { return t.info.GetTaskId().GetValue() }

// executorConn is where an executor's events go.
type executorConn interface {
	Send(*executorv1.Event)
	Close()
}

type linkConn struct {
	p  *actors.Process
	to actors.UPID
}

func (c linkConn) Send(e *executorv1.Event) { c.p.Send(c.to, e) }
func (c linkConn) Close()                   {}

func (e *executor) send(ev *executorv1.Event) {
	if e.conn != nil {
		e.conn.Send(ev)
	}
}

// newExecutor makes an executor, whose container is yet to be started.
func (a *Agent) newExecutor(f *framework, id string, info *v1.ExecutorInfo, command bool) *executor {
	e := &executor{id: id, f: f, info: info, command: command, untried: true, containerID: a.newUUID(), tasks: map[string]*task{}, started: time.Now()}
	if info.Container == nil {
		e.given = a.conf.Container
	}
	f.executors[id] = e
	return e
}

// container is what the executor's container is to be, nil: nothing special. What the agent gives is not told to
// anybody: the framework's word of its executor stays as it is, and is compared with what it says later.
func (e *executor) container() *v1.ContainerInfo {
	if e.info.Container != nil {
		return e.info.Container
	}
	return e.given
}

// startContainer starts the container of an executor, which is durable by now,
// when the resources that it has of providers can be used.
func (a *Agent) startContainer(e *executor) {
	id := e.containerID
	a.publish(e.needs(), func(err error) {
		switch {
		case e.state != registering || e.containerID != id: // it ended meanwhile
		case err != nil:
			a.launchFailed(e, err)
		default:
			a.launchContainer(e)
		}
	})
}

// needs is what the container of an executor starts with.
func (e *executor) needs() []*v1.Resource {
	if !e.command {
		return e.info.GetResources()
	}
	var list []*v1.Resource
	for _, t := range ordered.All(e.tasks) {
		list = append(list, t.info.GetResources()...)
	}
	return list
}

// launchContainer starts the container beside the actor.
func (a *Agent) launchContainer(e *executor) {
	e.launched, e.start.begun = true, time.Now()
	a.log.Info("executor starting", "framework_id", e.f.id, "executor_id", e.id, "container_id", e.containerID)
	if conf, err := a.containerConfig(e); err != nil {
		a.p.Dispatch(func() { a.launchFailed(e, err) })
	} else {
		// It is shown as soon as it is there, with what the fetcher tells.
		conf.Made = func() {
			at := time.Now()
			a.openDoor(conf.ContainerID, conf.Sandbox)
			a.p.Dispatch(func() { e.start.made = at; a.attachSandbox(e) })
		}
		conf.Fetched = func() {
			at := time.Now()
			a.p.Dispatch(func() { e.start.fetched = at })
		}
		a.wg.Add(1)
		go a.runContainer(e, conf)
	}
}

// runContainer starts a container and waits for its end. It runs beside the actor.
func (a *Agent) runContainer(e *executor, conf containerizer.Config) {
	defer a.wg.Done()
	process, err := a.conf.Containerizer.Launch(a.ctx, conf)
	if err != nil {
		a.p.Dispatch(func() { a.launchFailed(e, err) })
		return
	}
	up := time.Now()
	a.p.Dispatch(func() {
		e.process, e.start.up = process, up
		a.keepExecutor(e)
		if e.state == registering {
			// From now on: files that take long are the fetcher's matter.
			e.cancelTimeout = a.p.Delay(a.conf.ExecutorRegistrationTimeout, func() { a.registrationTimedOut(e) })
		}
	})
	a.awaitEnd(a.conf.Containerizer.Wait(conf.ContainerID), a.ended(e))
}

// ended is what the end of an executor's container means.
func (a *Agent) ended(e *executor) func(containerizer.Exit, bool) {
	return func(x containerizer.Exit, _ bool) { a.containerExited(e, x) }
}

func (a *Agent) registrationTimedOut(e *executor) {
	if e.state != registering {
		return
	}
	a.log.Warn("executor did not subscribe in time", "framework_id", e.f.id, "executor_id", e.id, "container_id", e.containerID)
	e.verdict = &verdict{
		v1.TaskState_TASK_FAILED, v1.TaskStatus_REASON_EXECUTOR_REGISTRATION_TIMEOUT,
		fmt.Sprintf("the executor did not subscribe within %s", a.conf.ExecutorRegistrationTimeout),
	}
	a.destroy(e)
}

// destroy kills the executor's container at once.
func (a *Agent) destroy(e *executor) {
	if e.state == terminated {
		return
	}
	e.state = terminating
	if !e.launched {
		a.containerExited(e, containerizer.Exit{Message: "the executor was not started"})
		return
	}
	a.wg.Add(1)
	go func() {
		defer a.wg.Done()
		a.conf.Containerizer.Destroy(e.containerID)
	}()
}

// shutdown asks an executor to stop, and kills it when its grace period is over.
func (a *Agent) shutdown(e *executor) {
	if e.state >= terminating {
		return
	}
	if e.conn == nil {
		a.destroy(e)
		return
	}
	e.state = terminating
	e.send(&executorv1.Event{Type: executorv1.Event_SHUTDOWN.Enum()})
	a.stopTimeout(e)
	e.cancelTimeout = a.p.Delay(a.grace(e), func() { a.destroy(e) })
}

// grace is the time that an executor gets from SHUTDOWN to being killed.
func (a *Agent) grace(e *executor) time.Duration {
	if g := e.info.GetShutdownGracePeriod(); g != nil {
		return time.Duration(g.GetNanoseconds())
	}
	return a.conf.ExecutorShutdownGrace
}

func (a *Agent) stopTimeout(e *executor) {
	if e.cancelTimeout != nil {
		e.cancelTimeout()
		e.cancelTimeout = nil
	}
}

// launchFailed ends the tasks of an executor whose container never started.
func (a *Agent) launchFailed(e *executor, err error) {
	a.metrics.launchErrors.Inc()
	a.log.Warn("container launch failed", "framework_id", e.f.id, "executor_id", e.id, "container_id", e.containerID, "error", err)
	a.containerExited(e, containerizer.Exit{Status: 1 << 8, Reason: v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED, HasReason: true, Message: "Failed to launch container: " + err.Error()})
}

// containerExited ends what was still alive in an executor and tells the master.
func (a *Agent) containerExited(e *executor, x containerizer.Exit) {
	if e.state == terminated {
		return
	}
	e.state, e.exitStatus = terminated, x.Status
	a.metrics.executorsTerminated.Inc()
	a.stopTimeout(e)
	a.dropInner(e.containerID)
	a.closeDoor(e.sandbox)
	if e.conn != nil {
		e.conn.Close()
		e.conn = nil
	}
	a.log.Info("executor exited", "framework_id", e.f.id, "executor_id", e.id, "container_id", e.containerID, "status", x.Status)
	state, reason, text := endOf(e, x)
	e.queued = nil
	for id, t := range ordered.All(e.tasks) {
		if t.terminal() {
			continue
		}
		s := state
		if t.killWanted {
			s = v1.TaskState_TASK_KILLED
		}
		a.ownLimitedUpdate(e.f.id, e.f.info, id, e.id, s, reason, text, limitation(x))
	}
	if !e.command && a.registered {
		a.p.Send(a.conf.Master, &internalpb.ExitedExecutorMessage{
			SlaveId: ids.Agent(a.id), FrameworkId: ids.Framework(e.f.id), ExecutorId: ids.Executor(e.id), Status: proto.Int32(int32(x.Status)),
		})
	}
	a.releaseProvided()
	a.archive(e)
}

// endOf says what became of the tasks that an ended container leaves behind.
func endOf(e *executor, x containerizer.Exit) (v1.TaskState, v1.TaskStatus_Reason, string) {
	reason := v1.TaskStatus_REASON_EXECUTOR_TERMINATED
	if e.command {
		reason = v1.TaskStatus_REASON_COMMAND_EXECUTOR_FAILED
	}
	text := "Executor terminated: " + describeStatus(x.Status)
	if x.Message != "" {
		text = x.Message
	}
	switch {
	case x.HasReason:
		reason = x.Reason
	case e.verdict != nil:
		return e.verdict.state, e.verdict.reason, e.verdict.text
	}
	return v1.TaskState_TASK_FAILED, reason, text
}

// archive moves an executor that is gone, with nothing left to acknowledge, to the history.
func (a *Agent) archive(e *executor) {
	if e.state != terminated || len(e.tasks) > 0 {
		return
	}
	f := e.f
	if f.executors[e.id] != e {
		return
	}
	delete(f.executors, e.id)
	a.forgetExecutor(e)
	f.completed = append(f.completed, e)
	a.sandboxOver(e.sandbox)
	if n := len(f.completed) - a.conf.MaxCompletedExecutors; n > 0 {
		for _, old := range f.completed[:n] {
			a.dropHistory(old)
		}
		f.completed = append([]*executor(nil), f.completed[n:]...)
	}
	a.archiveFramework(f)
}

// archiveFramework moves a terminating framework, when the last of it is gone,
// to the history. Its sandboxes can be read until it leaves that too.
func (a *Agent) archiveFramework(f *framework) {
	if !f.terminating || len(f.executors) > 0 || a.frameworks[f.id] != f {
		return
	}
	delete(a.frameworks, f.id)
	a.completed = append(a.completed, f)
	if n := len(a.completed) - maxCompletedFrameworks; n > 0 {
		for _, old := range a.completed[:n] {
			for _, e := range old.completed {
				a.dropHistory(e)
			}
		}
		a.completed = append([]*framework(nil), a.completed[n:]...)
	}
}

// maxCompletedFrameworks bounds the history of frameworks, as in Mesos.
const maxCompletedFrameworks = 50

func (a *Agent) executorDisconnected(e *executor) {
	e.conn = nil
	if e.state == running {
		a.log.Info("executor disconnected", "framework_id", e.f.id, "executor_id", e.id, "container_id", e.containerID)
	}
	a.reconnect(e) // drivers of version 0 do not come back by themselves
}
