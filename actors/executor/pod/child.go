package pod

import (
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// cause is why a task is being ended.
type cause int

const (
	none      cause = iota
	killed          // by the scheduler, or with the executor
	unhealthy       // by its health check
	overtime        // max_completion_time
	together        // another task of its group failed or was killed
)

// pack is the tasks of one group.
type pack struct {
	all    []*child
	broken bool // one of them did not end well; the others are being killed
}

// child is one task.
type child struct {
	e         *Executor
	d         *executor.Driver
	task      *v1.TaskInfo
	pack      *pack
	container *v1.ContainerID

	launched bool // its container is there
	running  bool // TASK_RUNNING was told, and it is waited for
	over     bool // the terminal update is made
	cause    cause
	since    time.Time // of the first SIGTERM, which is to come while drain is set
	drain    func()    // cancel of the SIGTERM after draining
	sigkill  time.Time
	escalate func() // cancel of the SIGKILL
	deadline func() // cancel of the end of max_completion_time
	checked  checked
}

func (c *child) id() string { return c.task.GetTaskId().GetValue() }

// launch asks for the task's container.
func (c *child) launch() {
	c.e.Containers.Do(&agentv1.Call{Type: agentv1.Call_LAUNCH_CONTAINER.Enum(), LaunchContainer: &agentv1.Call_LaunchContainer{
		ContainerId: c.container, Command: c.command(), Container: c.task.Container, Resources: c.task.Resources, Limits: c.task.Limits,
	}}, c.answered)
}

// command is the task's, with the variables that tasks of a pod get.
func (c *child) command() *v1.CommandInfo {
	cmd := proto.CloneOf(c.task.GetCommand())
	var own []*v1.Environment_Variable
	add := func(name, value string) {
		if value != "" {
			own = append(own, &v1.Environment_Variable{Name: &name, Type: v1.Environment_Variable_VALUE.Enum(), Value: &value})
		}
	}
	for _, r := range c.task.GetResources() {
		if role := r.GetAllocationInfo().GetRole(); role != "" {
			add("MESOS_ALLOCATION_ROLE", role)
			break
		}
	}
	add("MESOS_CONTAINER_IP", c.e.IP)
	cmd.Environment = &v1.Environment{Variables: append(own, cmd.GetEnvironment().GetVariables()...)}
	return cmd
}

// answered goes on when the container is there, or cannot be.
func (c *child) answered(a executor.Answer) {
	switch {
	case c.over:
	case !a.OK():
		s := c.status(v1.TaskState_TASK_FAILED, "Container did not start: "+a.Text)
		s.Reason = v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED.Enum()
		c.finish(s)
	default:
		c.launched = true
		c.e.Machine.Link(c.id(), c.container.GetValue())
		if c.cause != none { // meanwhile
			c.strike()
		}
		c.pack.start()
	}
}

// start goes on with a group when all of its containers are there; what became
// of those that are not is told already.
func (g *pack) start() {
	for _, c := range g.all {
		if !c.launched && !c.over {
			return
		}
	}
	for _, c := range g.all {
		if !c.over && !c.running {
			c.run()
		}
	}
}

// run tells that the task runs and waits for its end.
func (c *child) run() {
	c.running = true
	c.e.Containers.Do(&agentv1.Call{Type: agentv1.Call_WAIT_CONTAINER.Enum(), WaitContainer: &agentv1.Call_WaitContainer{ContainerId: c.container}}, c.ended)
	if c.cause != none {
		return
	}
	c.d.Update(c.status(v1.TaskState_TASK_RUNNING, ""))
	if m := c.task.GetMaxCompletionTime(); m != nil {
		// Its time is over: no grace on top.
		c.deadline = c.e.Runtime.Delay(time.Duration(m.GetNanoseconds()), func() { c.end(overtime, 0, 0) })
	}
	c.check()
}

// end begins to end the task, by a SIGTERM after quiet and a SIGKILL after grace behind that.
func (c *child) end(why cause, quiet, grace time.Duration) {
	if c.over || c.cause != none {
		return
	}
	c.cause, c.since = why, c.e.Now().Add(quiet)
	c.uncheck()
	if why != overtime && c.e.tellKilling {
		c.d.Update(c.status(v1.TaskState_TASK_KILLING, ""))
	}
	c.killBy(c.since.Add(grace))
	c.strikeAfter(quiet)
}

// strike signals a container that is there: SIGKILL if its time is over.
func (c *child) strike() {
	if c.e.Now().Before(c.sigkill) {
		c.signal(syscall.SIGTERM)
	} else {
		stop(&c.escalate)
		c.signal(syscall.SIGKILL)
	}
}

// killBy has the SIGKILL come at that time, unless it comes earlier anyway.
func (c *child) killBy(t time.Time) {
	if !c.sigkill.IsZero() && !t.Before(c.sigkill) {
		return
	}
	stop(&c.escalate)
	c.sigkill = t
	if wait := t.Sub(c.e.Now()); wait > 0 || c.launched {
		c.escalate = c.e.Runtime.Delay(max(wait, 0), func() {
			if c.launched {
				c.signal(syscall.SIGKILL)
			}
		})
	}
}

func (c *child) signal(s syscall.Signal) {
	c.e.Containers.Do(&agentv1.Call{Type: agentv1.Call_KILL_CONTAINER.Enum(), KillContainer: &agentv1.Call_KillContainer{
		ContainerId: c.container, Signal: proto.Int32(int32(s)),
	}}, func(a executor.Answer) {
		if !a.OK() && !a.NotFound() && !c.over {
			c.d.Config().Log.Warn("container was not signalled", "task_id", c.id(), "container_id", path(c.container), "signal", s.String(), "error", a.Text)
		}
	})
}

// ended tells how the task ended.
func (c *child) ended(a executor.Answer) {
	if c.over {
		return
	}
	if !a.OK() || a.Response.GetWaitContainer() == nil {
		c.finish(c.judge(c.status(v1.TaskState_TASK_FAILED, "How the command ended is not known: "+a.Text), false))
		return
	}
	c.finish(c.outcome(a.Response.GetWaitContainer()))
}

// finish makes the terminal update, and settles what follows from it.
func (c *child) finish(s *v1.TaskStatus) {
	c.over = true
	delete(c.e.tasks, c.id())
	stop(&c.drain)
	stop(&c.escalate)
	stop(&c.deadline)
	c.uncheck()
	c.d.Update(s)
	if g := c.pack; s.GetState() != v1.TaskState_TASK_FINISHED && !g.broken && !c.e.keepGroups {
		g.broken = true
		for _, other := range g.all {
			other.end(together, 0, other.grace(nil))
		}
	}
	c.pack.start() // the others may have waited for this one's container
	c.d.WhenAcknowledged(c.e.leaveIfIdle)
}

func stop(cancel *func()) {
	if *cancel != nil {
		(*cancel)()
		*cancel = nil
	}
}
