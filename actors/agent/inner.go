package agent

import (
	"path/filepath"
	"strings"

	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	"mesos/actors/sandbox"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// innerState is how far the life of a nested or standalone container has come;
// it only moves forward.
type innerState int

const (
	innerStarting innerState = iota
	innerRunning
	innerEnded // kept, with its exit, until REMOVE or the end of what it is nested in
)

// inner is a container that the operator API launched: nested in an
// executor's, or in another inner one; or standalone.
type inner struct {
	key     string // ids from the outermost to its own, joined by dots
	call    *agentv1.Call_LaunchContainer
	session bool
	keep    bool // in the store: it outlives the agent

	state    innerState
	process  containerizer.Process
	exit     containerizer.Exit
	sandbox  string
	signals  []int32 // that came before it ran
	launched []func(containerAnswer)
	waiters  map[*waiter]struct{}
	gone     bool // to be forgotten as soon as it has ended
}

// waiter is one WAIT.
type waiter struct{ done func(containerAnswer) }

// innerKey is a container's key. The parts must not hold dots; see checkContainerID.
func innerKey(id *v1.ContainerID) string {
	if id.GetParent() == nil {
		return id.GetValue()
	}
	return innerKey(id.GetParent()) + "." + id.GetValue()
}

// containerID is the inverse of innerKey.
func containerID(key string) *v1.ContainerID {
	var id *v1.ContainerID
	for part := range strings.SplitSeq(key, ".") {
		id = &v1.ContainerID{Value: &part, Parent: id}
	}
	return id
}

// outerKey is the key of the container that another is nested in, "" for none.
func outerKey(key string) string {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return key[:i]
	}
	return ""
}

// rootKey is the key of the outermost container.
func rootKey(key string) string {
	root, _, _ := strings.Cut(key, ".")
	return root
}

// executorWith is the executor whose container has an id, if it is not over.
func (a *Agent) executorWith(containerID string) *executor {
	for _, f := range ordered.All(a.frameworks) {
		for _, e := range ordered.All(f.executors) {
			if e.containerID == containerID && e.state != terminated {
				return e
			}
		}
	}
	return nil
}

// below are the inner containers nested in one, at any depth.
func (a *Agent) below(key string) (out []*inner) {
	for k, c := range ordered.All(a.inner) {
		if strings.HasPrefix(k, key+".") {
			out = append(out, c)
		}
	}
	return out
}

// innerSandbox is where a container with this key works.
func (a *Agent) innerSandbox(key string) (string, error) {
	up := outerKey(key)
	if up == "" {
		return sandbox.Standalone(a.conf.WorkDir, key)
	}
	if c := a.inner[up]; c != nil {
		return filepath.Join(c.sandbox, "containers", key[len(up)+1:]), nil
	}
	e := a.executorWith(up)
	if e == nil {
		return "", errNoOuter(up)
	}
	own, err := sandbox.Path(a.conf.WorkDir, a.run(e))
	return filepath.Join(own, "containers", key[len(up)+1:]), err
}

// runtimeDir is where a container's shim works. Those of nested containers lie
// in that of the outer one, and go with it.
func (a *Agent) runtimeDir(key string) string {
	return filepath.Join(a.conf.WorkDir, "run", strings.ReplaceAll(key, ".", "/containers/"))
}

func (c *inner) row() store.Container {
	return store.Container{ID: c.key, Session: c.session, Process: store.Process(c.process), Launch: c.call}
}

func (a *Agent) knownInner(c *inner) containerizer.Known {
	r, _ := resources.FromProto(c.call.GetResources()) // validated when it was launched
	return containerizer.Known{Resources: r, Limits: c.call.GetLimits(), ContainerID: c.key, Sandbox: c.sandbox, Process: c.process, Runtime: a.runtimeDir(c.key), Session: c.session, Info: c.call.GetContainer()}
}
