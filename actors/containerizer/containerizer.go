package containerizer

import (
	"context"

	"mesos/actors/volume"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Config is one container to launch.
type Config struct {
	ContainerID string
	Sandbox     string // host path; made by Launch
	Command     *v1.CommandInfo
	Environment []string // complete, NAME=value; nothing of the agent's is added
	User        string   // "" as the agent
	Resources   resources.Resources
	Made        func() // called by Launch when the sandbox is there; may be nil
	// Reaper says that the command ends all that is below it before it ends,
	// what daemonized included, so that a clean end leaves nothing to look for.
	Reaper  bool
	Volumes []volume.Mount // persistent volumes that the container gets
}

// Process is the main process of a container, named beyond the life of its
// number: two of the same number differ in when they started.
type Process struct {
	PID     int
	Started uint64 // clock ticks since the machine started
}

// Known is a container of an earlier run of the agent.
type Known struct {
	ContainerID string
	Sandbox     string
	Process     Process // zero if the agent died before it knew
}

// UnknownStatus is the Exit.Status of a container whose main process was not
// this program's child.
const UnknownStatus = -1

// Exit is how a container ended.
type Exit struct {
	Status    int    // of the main process, as wait(2) gives it; or UnknownStatus
	Message   string // for people: "exited with status 1"
	Reason    v1.TaskStatus_Reason
	HasReason bool // the containerizer knows why: a limit, say
}

// Containerizer runs containers. All methods may be called from any goroutine.
type Containerizer interface {
	// Launch makes the sandbox, fetches the command's uris into it and
	// starts the command. It blocks for as long as the fetch takes; when ctx
	// ends before the command starts, Launch gives up. Errors are
	// *LaunchError, and no Exit follows them.
	Launch(ctx context.Context, c Config) (Process, error)

	// Recover takes over, before anything is launched, the containers of an
	// earlier run of the agent that still live, and gives their processes by
	// container id. Every other process that has its sandbox below workDir
	// is killed; Recover returns when they are dead. Those that it gives can
	// be waited for and destroyed like others.
	Recover(workDir string, known []Known) (map[string]Process, error)

	// Wait gives a channel that yields the container's Exit, once, and is
	// then closed. Every channel asked for before the end gets it. After the
	// end, the Exit is kept for whoever asks first, unless somebody got it
	// already. The channel of a container that is not known, or no longer,
	// is closed and yields nothing.
	Wait(id string) <-chan Exit

	// Destroy kills every process of a container and returns without
	// waiting for that. A container that is being launched is given up. One
	// that is not known is none: nothing happens.
	Destroy(id string)
}
