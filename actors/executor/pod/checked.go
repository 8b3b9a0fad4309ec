package pod

import (
	"errors"
	"fmt"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors/checks"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// checked is what checks have found of a task, and the checks themselves.
type checked struct {
	healthy *bool // nil: not known yet
	why     string
	status  *v1.CheckStatusInfo // nil: the task has no check
	runners []*checks.Runner
}

// check starts the task's checks. One that cannot be made is left out: the
// master refuses those, and the task does its work without.
func (c *child) check() {
	var machines []*checks.Machine
	add := func(m *checks.Machine, err error) {
		if err != nil {
			c.d.Config().Log.Error("task runs unchecked", "task_id", c.id(), "error", err)
			return
		}
		machines = append(machines, m)
	}
	if k := c.task.GetCheck(); k != nil {
		c.checked.status = checks.NoResult(k.GetType())
		add(checks.NewCheck(k))
	}
	if k := c.task.GetHealthCheck(); k != nil {
		add(checks.NewHealth(k))
	}
	for _, m := range machines {
		c.checked.runners = append(c.checked.runners, checks.Run(c.e.Runtime, c, c.e.Now, m, c.found))
	}
}

// found tells what a check has found. Every such update repeats what is known
// from the other.
func (c *child) found(f checks.Effects) {
	reason := v1.TaskStatus_REASON_TASK_CHECK_STATUS_UPDATED
	if f.Status != nil {
		c.checked.status = f.Status
	}
	if h := f.Health; h != nil {
		reason = v1.TaskStatus_REASON_TASK_HEALTH_CHECK_STATUS_UPDATED
		c.checked.healthy, c.checked.why = &h.Healthy, h.Why
		if !h.Healthy {
			c.d.Config().Log.Warn("task is not healthy", "task_id", c.id(), "why", h.Why)
		}
	}
	s := c.status(v1.TaskState_TASK_RUNNING, c.checked.why)
	s.Reason = reason.Enum()
	s.Healthy, s.CheckStatus = c.checked.healthy, proto.CloneOf(c.checked.status)
	c.d.Update(s)
	if f.Health != nil && f.Health.Kill {
		c.end(unhealthy, 0, c.grace(nil))
	}
}

// uncheck ends the checks, for good.
func (c *child) uncheck() {
	for _, r := range c.checked.runners {
		r.Stop()
	}
	c.checked.runners = nil
}

// Probe implements checks.Prober. A command runs in a container below the
// task's: what its agent wraps around the task is around it, too.
func (c *child) Probe(p checks.Probe, done func(checks.Result)) (cancel func()) {
	finish := func(r checks.Result) {
		if !c.over {
			done(r)
		}
	}
	if p.Kind != v1.CheckInfo_COMMAND {
		return c.e.Machine.Probe(p, finish)
	}
	k := &commandProbe{child: c, container: c.e.nested(c.container), done: finish}
	k.start(p.Command)
	return k.cancel
}

// commandProbe is one run of a check's command.
type commandProbe struct {
	*child
	container *v1.ContainerID
	done      func(checks.Result)
	launched  bool
	cancelled bool
}

func (k *commandProbe) start(command *v1.CommandInfo) {
	k.e.Containers.Do(&agentv1.Call{Type: agentv1.Call_LAUNCH_CONTAINER.Enum(), LaunchContainer: &agentv1.Call_LaunchContainer{
		ContainerId: k.container, Command: k.probeCommand(command),
	}}, func(a executor.Answer) {
		if !a.OK() {
			k.done(checks.Result{Err: errors.New("check's container did not start: " + a.Text)})
			return
		}
		k.launched = true
		if k.cancelled {
			k.kill()
		}
		k.e.Containers.Do(&agentv1.Call{Type: agentv1.Call_WAIT_CONTAINER.Enum(), WaitContainer: &agentv1.Call_WaitContainer{ContainerId: k.container}}, k.ended)
	})
}

// probeCommand is the check's command as the task would run it: as its user, in
// its sandbox, with its environment below that of the check.
func (k *commandProbe) probeCommand(check *v1.CommandInfo) *v1.CommandInfo {
	task := k.command()
	args := []string{"sh", "-c", `MESOS_SANDBOX=$1; cd "$1" || exit; shift; exec "$@"`, "sh", k.e.sandbox(k.child.container)}
	if check.GetShell() {
		args = append(args, "/bin/sh", "-c", check.GetValue())
	} else {
		args = append(args, check.GetValue())
		if own := check.GetArguments(); len(own) > 1 {
			args = append(args, own[1:]...)
		}
	}
	return &v1.CommandInfo{
		Shell: proto.Bool(false), Value: proto.String("/bin/sh"), Arguments: args, User: task.User,
		Environment: &v1.Environment{Variables: append(task.GetEnvironment().GetVariables(), check.GetEnvironment().GetVariables()...)},
	}
}

func (k *commandProbe) ended(a executor.Answer) {
	k.e.Containers.Do(&agentv1.Call{Type: agentv1.Call_REMOVE_CONTAINER.Enum(), RemoveContainer: &agentv1.Call_RemoveContainer{ContainerId: k.container}}, func(executor.Answer) {})
	w := a.Response.GetWaitContainer()
	ws := syscall.WaitStatus(w.GetExitStatus())
	switch {
	case !a.OK() || w == nil || w.ExitStatus == nil:
		k.done(checks.Result{Err: fmt.Errorf("how the check's command ended is not known: %s%s", a.Text, w.GetMessage())})
	case !ws.Exited():
		k.done(checks.Result{Err: errors.New("command " + proctree.Describe(ws))})
	default:
		k.done(checks.Result{Exit: ws.ExitStatus()})
	}
}

// cancel ends the probe with all that it started.
func (k *commandProbe) cancel() {
	k.cancelled = true
	if k.launched {
		k.kill()
	}
}

func (k *commandProbe) kill() {
	k.e.Containers.Do(&agentv1.Call{Type: agentv1.Call_KILL_CONTAINER.Enum(), KillContainer: &agentv1.Call_KillContainer{ContainerId: k.container}}, func(executor.Answer) {})
}
