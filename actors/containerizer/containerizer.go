package containerizer

import (
	"context"

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
}

// Exit is how a container ended.
type Exit struct {
	Status    int    // of the main process, as wait(2) gives it
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
	Launch(ctx context.Context, c Config) (pid int, err error)

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
