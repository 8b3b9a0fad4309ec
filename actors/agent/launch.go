package agent

import (
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer"
	"mesos/actors/sandbox"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/tuning"
	"mesos/messages/units"
)

// executorProgram is the command executor; it stands in the launcher directory.
const executorProgram = "mesos-executor"

// defaultExecutor is the name under which that program runs task groups.
const defaultExecutor = "mesos-default-executor"

func (a *Agent) executorProgram() string { return filepath.Join(a.conf.LauncherDir, executorProgram) }

func splitAddr(addr string) (host, port string) {
	h, p, err := net.SplitHostPort(addr)
	if err != nil {
		return addr, ""
	}
	return h, p
}

// containerConfig says how an executor's container is started.
func (a *Agent) containerConfig(e *executor) (containerizer.Config, error) {
	var err error
	if e.sandbox, err = sandbox.Path(a.conf.WorkDir, a.run(e)); err != nil {
		return containerizer.Config{}, err
	}
	res, err := resources.FromProto(e.info.GetResources())
	if err != nil {
		return containerizer.Config{}, fmt.Errorf("resources of executor %s: %w", e.id, err)
	}
	c := containerizer.Config{
		ContainerID: e.containerID, Sandbox: e.sandbox, Command: a.commandOf(e), Info: e.container(), Resources: e.holds(), Limits: e.limitsOf(), Volumes: e.container().GetVolumes(),
		Environment: append(a.environment(e), a.tokenOf(e)...), Reaper: e.command, Program: e.command || e.info.GetType() == v1.ExecutorInfo_DEFAULT,
	}
	if c.Tuning, err = tuning.Of(e.info.GetLabels()); err != nil {
		return c, fmt.Errorf("executor %s: %w", e.id, err)
	}
	if tty := e.container().GetTtyInfo(); tty != nil {
		c.TTY, c.Runtime = tty, a.runtimeDir(e.containerID)
	}
	if c.Persistent, err = a.conf.Volumes.Mounts(res); err != nil {
		return c, fmt.Errorf("volumes of executor %s: %w", e.id, err)
	}
	c.User = a.userOf(e)
	return c, nil
}

// userOf is who an executor runs as, "" for the agent's own user.
func (a *Agent) userOf(e *executor) string {
	switch u := e.info.GetCommand().GetUser(); {
	case !a.conf.SwitchUser:
		return ""
	case u != "":
		return u
	}
	return e.f.info.GetUser()
}

// commandOf is how an executor is started. A framework leaves that of the
// default executor to the agent.
func (a *Agent) commandOf(e *executor) *v1.CommandInfo {
	if e.info.GetType() != v1.ExecutorInfo_DEFAULT {
		return e.info.GetCommand()
	}
	return &v1.CommandInfo{Shell: proto.Bool(false), Value: proto.String(a.executorProgram()), Arguments: []string{defaultExecutor}}
}

func (a *Agent) run(e *executor) sandbox.Run {
	return sandbox.Run{AgentID: a.id, FrameworkID: e.f.id, ExecutorID: e.id, ContainerID: e.containerID}
}

// environment is the complete environment of an executor. The agent's own is
// not inherited. Later entries win.
func (a *Agent) environment(e *executor) []string {
	self := a.p.Self()
	host, _ := splitAddr(self.Addr)
	env := map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LIBPROCESS_IP": host}
	if !e.command && e.info.GetType() != v1.ExecutorInfo_DEFAULT {
		maps.Copy(env, a.conf.ExecutorTLS) // ours come by the door, and their tasks need not know
	}
	for k, v := range a.conf.ExecutorEnvironment {
		env[k] = v
	}
	set := func(k, v string) { env[k] = v }
	set("MESOS_FRAMEWORK_ID", e.f.id)
	set("MESOS_EXECUTOR_ID", e.id)
	set("MESOS_DIRECTORY", e.sandbox)
	set("MESOS_SANDBOX", e.sandbox)
	set("MESOS_CONTAINER_ID", e.containerID)
	set("MESOS_SLAVE_ID", a.id)
	set("MESOS_SLAVE_PID", self.String())
	set("MESOS_AGENT_ENDPOINT", self.Addr)
	set("MESOS_HTTP_COMMAND_EXECUTOR", "0")
	set("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", units.FormatDuration(a.grace(e)))
	set("LIBPROCESS_PORT", "0")
	set("MESOS_CHECKPOINT", "0")
	if e.f.info.GetCheckpoint() {
		set("MESOS_CHECKPOINT", "1")
		set("MESOS_RECOVERY_TIMEOUT", units.FormatDuration(a.conf.RecoveryTimeout))
		set("MESOS_SUBSCRIPTION_BACKOFF_MAX", units.FormatDuration(a.conf.ExecutorReregistrationTimeout))
	}
	if role := allocationRole(e.info.GetResources()); role != "" {
		set("MESOS_ALLOCATION_ROLE", role)
	}
	for _, v := range e.info.GetCommand().GetEnvironment().GetVariables() {
		if value, ok := variable(v); ok {
			set(v.GetName(), value)
		}
	}
	out := make([]string, 0, len(env))
	for k, v := range env {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return out
}

// variable returns the value of an environment variable; secrets are taken by value only.
func variable(v *v1.Environment_Variable) (string, bool) {
	switch v.GetType() {
	case v1.Environment_Variable_VALUE:
		return v.GetValue(), true
	case v1.Environment_Variable_SECRET:
		if s := v.GetSecret().GetValue(); s != nil {
			return string(s.GetData()), true
		}
	}
	return "", false
}

func allocationRole(list []*v1.Resource) string {
	for _, r := range list {
		if role := r.GetAllocationInfo().GetRole(); role != "" {
			return role
		}
	}
	return ""
}

// attachSandbox serves a sandbox under the paths that Mesos's tools know.
func (a *Agent) attachSandbox(e *executor) {
	if a.conf.Sandboxes == nil {
		return
	}
	virtual, err := sandbox.Virtual(a.conf.WorkDir, a.run(e))
	if err != nil {
		return // the container did not start either
	}
	for _, old := range a.completedOf(e.f.id) {
		if old != e && old.id == e.id && len(old.virtual) > 1 {
			old.virtual = old.virtual[:1] // the names of the newest run go over to this one
		}
	}
	e.virtual = virtual
	for _, v := range e.virtual {
		if err := a.conf.Sandboxes.Attach(v, e.sandbox); err != nil {
			a.log.Warn("sandbox cannot be served", "path", v, "error", err)
		}
	}
}

func (a *Agent) detachSandbox(e *executor) {
	for _, v := range e.virtual {
		a.conf.Sandboxes.Detach(v)
	}
	e.virtual = nil
}

// describeStatus says in words what a raw wait(2) status means.
func describeStatus(status int) string {
	ws := syscall.WaitStatus(status)
	switch {
	case ws.Exited():
		return "exited with status " + strconv.Itoa(ws.ExitStatus())
	case ws.Signaled():
		return fmt.Sprintf("terminated with signal %s", ws.Signal())
	}
	return fmt.Sprintf("wait status %d", status)
}
