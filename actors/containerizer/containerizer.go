package containerizer

import (
	"context"
	"syscall"

	"mesos/actors/volume"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/tuning"
)

// Config is one container to launch.
type Config struct {
	ContainerID string // of a nested one the ids from the outermost to its own, joined by dots
	Sandbox     string // host path; made by Launch
	Command     *v1.CommandInfo
	Environment []string // complete, NAME=value; nothing of the agent's is added
	User        string   // "" as the agent
	// Secrets are variables beside those of the command, for isolators to look up.
	Secrets    []*v1.Environment_Variable
	Info       *v1.ContainerInfo
	Resources  resources.Resources
	Limits     Limits
	Tuning     tuning.Tuning
	Made       func()         // called by Launch when the sandbox is there; may be nil
	Fetched    func()         // called by Launch when the command's files are in it; may be nil
	Volumes    []*v1.Volume   // only those whose source is a path of a sandbox are made
	Persistent []volume.Mount // persistent volumes that the container gets
	// Program says that the command is one of the agent's own programs, which runs
	// the task. In a container with a root of its own it is brought there.
	Program bool
	// Reaper says that the command ends all that is below it before it ends,
	// what daemonized included, so that a clean end leaves nothing to look for.
	Reaper bool

	// Runtime is a directory, made by Launch, in which the container's
	// terminal and exit status outlive the agent: mesos-shim runs there, and
	// is the container's main process. "" does without. Nested containers
	// have one: MESOS_CONTAINER_RUNTIME, which Launch adds to their
	// environment, is what they are found by.
	Runtime string
	TTY     *v1.TTYInfo // a terminal of that size instead of pipes; needs Runtime
	Session bool        // works in its parent's Sandbox, writes to readers only and ends with the first; needs Runtime
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
	Runtime     string  // as it was launched
	Session     bool    // as it was launched
	Info        *v1.ContainerInfo
	Persistent  []volume.Mount      // as it was launched
	Resources   resources.Resources // what it has now
	Limits      Limits
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

	Limitation []*v1.Resource // how much was used of what was limited; for Reason
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
	// be waited for and destroyed like others. The Exit of a known container
	// that ended meanwhile can be waited for if it has a Runtime and says how.
	Recover(workDir string, known []Known) (map[string]Process, error)

	// Wait gives a channel that yields the container's Exit, once, and is
	// then closed. Every channel asked for before the end gets it. After the
	// end, the Exit is kept for whoever asks first, unless somebody got it
	// already. The channel of a container that is not known, or no longer,
	// is closed and yields nothing.
	Wait(id string) <-chan Exit

	// Destroy kills every process of a container, those of containers nested
	// in it first, and returns without waiting for that. A container that is
	// being launched is given up. One that is not known is none: nothing
	// happens. A container that ends by itself takes its nested ones along,
	// whose Exits are told before its own.
	Destroy(id string)

	// Limited says whether a container that runs has gone beyond what it may.
	// It is about to end then, and its Exit tells the same: this is for who
	// sees that something in it was killed and asks why.
	Limited(id string) (Exit, bool)

	// Update changes what a container that runs may use. What cannot be
	// taken, because it is in use, is an error and stays.
	Update(ctx context.Context, id string, r resources.Resources, limits Limits) error

	// Usage is what a container has used, as far as its isolators know.
	Usage(id string) (*v1.ResourceStatistics, error)

	// Signal sends a signal to the command of a container with a Runtime.
	Signal(id string, s syscall.Signal) error

	// AttachOutput and AttachInput connect to the standard streams of a
	// container with a Runtime. Errors wrap ErrNotAttachable.
	AttachOutput(id string) (Output, error)
	AttachInput(id string) (Input, error)
}

// Output is a reader of what a container writes from now on; close it.
type Output interface {
	// Next waits for output, which is valid until the next call; io.EOF
	// ends it.
	Next() (data []byte, stderr bool, err error)
	Close()
}

// Input is the only writer to a container; close it.
type Input interface {
	Write(data []byte) (int, error)    // waits while the container does not read
	End() error                        // of input; means nothing to a terminal
	Resize(rows, columns uint16) error // of the terminal, if there is one
	Ended() <-chan struct{}            // closed when the container takes no more
	Close()
}
