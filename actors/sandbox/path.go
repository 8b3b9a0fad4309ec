package sandbox

import (
	"fmt"
	"path"
	"strings"
)

// Run names one run of an executor on one agent: one container, one sandbox.
type Run struct {
	AgentID, FrameworkID, ExecutorID, ContainerID string
}

// Check refuses a run that has an id unfit for a path.
func (r Run) Check() error {
	for _, p := range r.pairs() {
		if err := CheckID(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

func (r Run) pairs() [4][2]string {
	return [4][2]string{
		{"agent id", r.AgentID},
		{"framework id", r.FrameworkID},
		{"executor id", r.ExecutorID},
		{"container id", r.ContainerID},
	}
}

func (r Run) runs() string {
	return path.Join("slaves", r.AgentID, "frameworks", r.FrameworkID, "executors", r.ExecutorID, "runs")
}

// Path is the sandbox of a run.
func Path(workDir string, r Run) (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	return path.Join(workDir, r.runs(), r.ContainerID), nil
}

// Latest is the link beside a run's sandbox that names the newest run of the
// executor. The run's container id plays no part.
func Latest(workDir string, r Run) (string, error) {
	r.ContainerID = "latest"
	return Path(workDir, r)
}

// Nested is the sandbox of a container within a run; ids lead from the
// outermost child inwards.
func Nested(workDir string, r Run, ids ...string) (string, error) {
	p, err := Path(workDir, r)
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if err := CheckID("nested container id", id); err != nil {
			return "", err
		}
		p = path.Join(p, "containers", id)
	}
	return p, nil
}

// TaskLink is the link within a run's sandbox that leads to a task's own
// nested sandbox.
func TaskLink(workDir string, r Run, taskID string) (string, error) {
	p, err := Path(workDir, r)
	if err != nil {
		return "", err
	}
	if err := CheckID("task id", taskID); err != nil {
		return "", err
	}
	return path.Join(p, "tasks", taskID), nil
}

// Framework is the directory above all executors of a framework on an agent:
// what is collected as garbage when the framework is gone.
func Framework(workDir, agentID, frameworkID string) (string, error) {
	if err := CheckID("agent id", agentID); err != nil {
		return "", err
	}
	if err := CheckID("framework id", frameworkID); err != nil {
		return "", err
	}
	return path.Join(workDir, "slaves", agentID, "frameworks", frameworkID), nil
}

// Standalone is the sandbox of a container that belongs to no framework.
func Standalone(workDir, containerID string) (string, error) {
	if err := CheckID("container id", containerID); err != nil {
		return "", err
	}
	return path.Join(workDir, "containers", containerID), nil
}

// Volume is the directory of a persistent volume on the agent's root disk or,
// with root being that disk's own path, on another disk. A hierarchical role
// is one directory: each "/" of it becomes one space.
func Volume(root, role, persistenceID string) (string, error) {
	if strings.Contains(role, " ") {
		return "", fmt.Errorf("%w: role %q holds a space; roles have none", ErrID, role)
	}
	dir := strings.ReplaceAll(role, "/", " ")
	if err := CheckID("role", dir); err != nil {
		return "", err
	}
	if err := CheckID("persistence id", persistenceID); err != nil {
		return "", err
	}
	return path.Join(root, "volumes", "roles", dir, persistenceID), nil
}

// Virtual lists the names under which the file endpoints serve a run's
// sandbox: its own path, the path through runs/latest, and the short alias
// without work directory and agent.
func Virtual(workDir string, r Run) ([]string, error) {
	p, err := Path(workDir, r)
	if err != nil {
		return nil, err
	}
	latest, err := Latest(workDir, r)
	if err != nil {
		return nil, err
	}
	alias := path.Join("/frameworks", r.FrameworkID, "executors", r.ExecutorID, "runs", "latest")
	return []string{p, latest, alias}, nil
}

// Parse is the inverse of Path: the run whose sandbox is at, or above, p.
// It reports false for paths of another shape.
func Parse(workDir, p string) (Run, bool) {
	rel, ok := strings.CutPrefix(path.Clean(p), strings.TrimSuffix(path.Clean(workDir), "/")+"/")
	if !ok {
		return Run{}, false
	}
	e := strings.Split(rel, "/")
	if len(e) < 8 || e[0] != "slaves" || e[2] != "frameworks" || e[4] != "executors" || e[6] != "runs" {
		return Run{}, false
	}
	r := Run{AgentID: e[1], FrameworkID: e[3], ExecutorID: e[5], ContainerID: e[7]}
	return r, r.Check() == nil
}
