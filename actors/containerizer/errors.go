package containerizer

import (
	"errors"
	"fmt"

	v1 "mesos/messages/mesos/v1"
)

// Step is the part of a launch that failed.
type Step string

// The steps of a launch, in their order.
const (
	StepAccept  Step = "accept"  // the configuration, or an id twice
	StepUser    Step = "user"    // unknown, or the agent may not switch to it
	StepSandbox Step = "sandbox" // directory, stdout, stderr
	StepFetch   Step = "fetch"   // a uri
	StepPrepare Step = "prepare" // an isolator
	StepExec    Step = "exec"    // the process, and its isolation
)

// LaunchError tells why a container did not start.
type LaunchError struct {
	ContainerID string
	Step        Step
	Err         error // names user, path, URI or file
}

func (e *LaunchError) Error() string {
	return fmt.Sprintf("launch of container %s: %s: %v", e.ContainerID, e.Step, e.Err)
}

func (e *LaunchError) Unwrap() error { return e.Err }

// Reason is what the container's tasks are told.
func (e *LaunchError) Reason() v1.TaskStatus_Reason {
	if errors.Is(e.Err, ErrDestroyed) {
		return v1.TaskStatus_REASON_TASK_KILLED_DURING_LAUNCH
	}
	return v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED
}

// ErrDestroyed is wrapped by the error of a Launch that Destroy cut short.
var ErrDestroyed = errors.New("container destroyed during launch")

// ErrExists is wrapped when a container of that id is already there.
var ErrExists = errors.New("container exists")

// ErrClosed is wrapped by a Launch after Close.
var ErrClosed = errors.New("containerizer closed")

// ErrNoParent is wrapped by a Launch whose outer container is not there, or
// about to end.
var ErrNoParent = errors.New("outer container does not run")

// ErrNotAttachable is wrapped when a container has no streams to attach to.
var ErrNotAttachable = errors.New("container cannot be attached to")
