package agent

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	"mesos/actors/containerizer/launch"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/resources"
)

func errNoOuter(key string) *operator.Refusal {
	return operator.Refuse(http.StatusBadRequest, "container_id: the outer container %s does not run on this agent: launch it first.", key)
}

// startNews is how often it is looked whether a container that has spoken is known to be started.
const startNews = 5 * time.Millisecond

// launchInner carries out a launch: it is made durable, and then started beside
// the actor.
func (a *Agent) launchInner(call *agentv1.Call_LaunchContainer, session bool, done func(containerAnswer)) {
	if e := a.executorWith(rootKey(innerKey(call.GetContainerId()))); e != nil && e.conn != nil && e.process.PID == 0 && e.state < terminating {
		// It was quicker than the news that its own container was started, in which nothing can be nested before.
		a.p.Delay(startNews, func() { a.launchInner(call, session, done) })
		return
	}
	key := innerKey(call.GetContainerId())
	if a.inner[key] != nil || outerKey(key) == "" && a.executorWith(key) != nil {
		done(containerAnswer{Code: http.StatusAccepted})
		return
	}
	conf, e, err := a.innerConfig(key, call, session)
	if err != nil {
		done(refusal(err))
		return
	}
	c := &inner{key: key, call: call, session: session, sandbox: conf.Sandbox, launched: []func(containerAnswer){done}, waiters: map[*waiter]struct{}{}}
	a.inner[key] = c
	c.keep = e == nil || e.f.info.GetCheckpoint()
	a.log.Info("container to be launched", "container_id", key, "session", session)
	start := func() {
		if slices.Contains(c.signals, int32(syscall.SIGKILL)) {
			a.innerFailed(c, containerizer.ErrDestroyed)
			return
		}
		a.wg.Go(func() { a.runInner(c, conf) })
	}
	if !c.keep {
		start()
		return
	}
	a.conf.Store.Commit(func() { a.p.Dispatch(start) }, store.PutContainer(c.row()))
}

// innerConfig says how a container is started; e is the executor that it is
// nested in, nil for a standalone one.
func (a *Agent) innerConfig(key string, call *agentv1.Call_LaunchContainer, session bool) (conf containerizer.Config, e *executor, err error) {
	up := outerKey(key)
	switch e = a.executorWith(rootKey(key)); {
	case up == "" && a.id == "":
		return conf, nil, operator.Refuse(http.StatusServiceUnavailable, "The agent is not registered with a master yet.")
	case up == "": // standalone
	case a.inner[up] != nil && a.inner[up].session:
		return conf, nil, operator.Refuse(http.StatusBadRequest, "container_id: %s is a session: containers cannot be nested in one.", up)
	case a.inner[up] != nil && a.inner[up].state == innerRunning:
	case e == nil || e.containerID != up || e.process.PID == 0 || e.state >= terminated:
		return conf, nil, errNoOuter(up)
	}
	res, err := resources.FromProto(call.GetResources())
	if err != nil {
		return conf, nil, operator.Refuse(http.StatusBadRequest, "resources: %v.", err)
	}
	conf = containerizer.Config{
		ContainerID: key, Command: call.GetCommand(), Info: call.GetContainer(), Resources: res, Limits: call.GetLimits(), Runtime: a.runtimeDir(key), Session: session,
		TTY: call.GetContainer().GetTtyInfo(), Volumes: call.GetContainer().GetVolumes(), User: a.innerUser(e, call.GetCommand()),
	}
	if conf.Sandbox, err = a.innerSandbox(key); err == nil && session {
		conf.Sandbox = filepath.Dir(filepath.Dir(conf.Sandbox)) // the outer container's
	}
	if err == nil {
		conf.Environment, err = a.innerEnvironment(key, conf.Sandbox, e, call.GetCommand(), session)
	}
	if up := a.inner[up]; session && up != nil {
		conf.Secrets = launch.References(up.call.GetCommand().GetEnvironment())
	} else if session && e != nil {
		conf.Secrets = launch.References(e.info.GetCommand().GetEnvironment())
	}
	return conf, e, err
}

func (a *Agent) innerUser(e *executor, c *v1.CommandInfo) string {
	switch {
	case !a.conf.SwitchUser:
		return ""
	case c.GetUser() != "" || e == nil:
		return c.GetUser()
	case e.info.GetCommand().GetUser() != "":
		return e.info.GetCommand().GetUser()
	}
	return e.f.info.GetUser()
}

// innerEnvironment is complete. A session sees what its outer container sees.
func (a *Agent) innerEnvironment(key, dir string, e *executor, c *v1.CommandInfo, session bool) (env []string, err error) {
	env = []string{"PATH=" + launch.DefaultPath}
	switch up := a.inner[outerKey(key)]; {
	case session && up != nil:
		env, err = a.innerEnvironment(up.key, up.sandbox, e, up.call.GetCommand(), false)
	case session:
		env = a.environment(e)
		if e.command {
			for _, t := range e.tasks {
				env, err = launch.Environ(env, launch.Others(t.info.GetCommand().GetEnvironment()))
			}
		}
	default:
		for k, v := range a.conf.ExecutorEnvironment {
			env = append(env, k+"="+v)
		}
	}
	if err == nil {
		env, err = launch.Environ(env, launch.Others(c.GetEnvironment()))
	}
	if err != nil {
		return nil, operator.Refuse(http.StatusBadRequest, "command.%v.", err)
	}
	// Last: these are not for the command to choose.
	return launch.Environ(append(env, "MESOS_SANDBOX="+dir, "MESOS_CONTAINER_ID="+key), nil)
}

// runInner starts a container and waits for its end, beside the actor.
func (a *Agent) runInner(c *inner, conf containerizer.Config) {
	process, err := a.conf.Containerizer.Launch(a.ctx, conf)
	if err != nil {
		a.p.Dispatch(func() { a.innerFailed(c, err) })
		return
	}
	a.p.Dispatch(func() { a.innerStarted(c, process) })
	a.awaitEnd(a.conf.Containerizer.Wait(c.key), a.endedInner(c))
}

// endedInner is what the end of a container means.
func (a *Agent) endedInner(c *inner) func(containerizer.Exit, bool) {
	return func(x containerizer.Exit, known bool) {
		if !known {
			x = containerizer.Exit{Status: containerizer.UnknownStatus, Message: "the container ended while its agent was down"}
		}
		a.innerEnded(c, x)
	}
}

// innerFailed forgets a container that did not start.
func (a *Agent) innerFailed(c *inner, err error) {
	a.log.Warn("container launch failed", "container_id", c.key, "error", err)
	a.forgetInner(c)
	failed := containerAnswer{Code: http.StatusBadRequest, Text: fmt.Sprintf("The container was not launched: %v.", err)}
	for _, done := range c.launched {
		done(failed)
	}
	for w := range c.waiters {
		w.done(containerAnswer{Code: http.StatusNotFound, Text: failed.Text})
	}
}

func (a *Agent) innerStarted(c *inner, p containerizer.Process) {
	if c.state != innerStarting {
		return
	}
	c.state, c.process = innerRunning, p
	a.attachInnerSandbox(c)
	answer := func() {
		for _, done := range c.launched {
			done(containerAnswer{Code: http.StatusOK})
		}
		c.launched = nil
		for _, s := range c.signals {
			a.signalInner(c, s)
		}
		c.signals = nil
	}
	if !c.keep {
		answer()
		return
	}
	a.conf.Store.Commit(func() { a.p.Dispatch(answer) }, store.PutContainer(c.row()))
}

// attachInnerSandbox serves the sandbox of a standalone container; that of a
// nested one lies within its executor's.
func (a *Agent) attachInnerSandbox(c *inner) {
	if a.conf.Sandboxes == nil || outerKey(c.key) != "" {
		return
	}
	if err := a.conf.Sandboxes.Attach(c.sandbox, c.sandbox); err != nil {
		a.log.Warn("sandbox cannot be served", "path", c.sandbox, "error", err)
	}
}
