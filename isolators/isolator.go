package isolators

import (
	"context"

	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Container is what isolators are told of one to launch.
type Container struct {
	ID   string // of a nested one the ids from the outermost to its own, joined by dots
	Info *v1.ContainerInfo
	Demand
	Sandbox string                     // path on the machine
	User    *boot.User                 // who the command runs as; nil: as the agent
	Secrets []*v1.Environment_Variable // variables of the command that are secrets
	Volumes []Volume                   // persistent ones that it gets
	// Session says that a nested container is in all namespaces of its parent, as
	// a shell that looks into it: isolators leave namespaces and mounts alone.
	Session bool
	// Shared says that a nested container lives within the limits of its
	// parent and has none of its own (share_cgroups, the default of Mesos).
	Shared bool

	CPUSet   string    // cores, as in "0-3,8"; "" for all
	IO       []IOLimit // of disks
	IOWeight uint16    // against other containers, 1 to 1000; 0 for the usual
}

// Isolator does one thing for every container. Methods of different containers
// may be called at once; those of one container come one after the other, but
// for Watch and Usage, which may come at any time.
type Isolator interface {
	// Name is what --isolation calls it.
	Name() string

	// Recover is called once, before any other method, with the containers
	// that live. Those can be watched, updated, used and cleaned
	// up from then on. What an earlier run left of others is removed, with
	// the processes in it.
	Recover(ctx context.Context, live []Live) error

	// Prepare makes what must be there before the container's process is, and
	// adds to how that begins what this isolator wants of it.
	// Errors name the field of the container that is wrong. After an error
	// Cleanup is still called, unless the error is ErrExists.
	Prepare(ctx context.Context, c Container, l *boot.Launch) error

	// Isolate puts a process, which must not have run a line of the
	// container's command, and all that it will ever fork under the limits.
	Isolate(ctx context.Context, id string, pid int) error

	// Watch gives a channel that yields at most one Limitation and is closed
	// by Cleanup. That of a container that is not known is closed, and a
	// nil channel says that this isolator never limits.
	Watch(id string) <-chan Limitation

	// Update changes the amounts. Those that cannot be lowered now, because
	// more is in use, are an error and stay as they are.
	Update(ctx context.Context, id string, d Demand) error

	// Usage adds the figures that this isolator knows to a message.
	Usage(id string, to *v1.ResourceStatistics) error

	// Cleanup removes everything of the container; processes that are still
	// in it are killed first. One that is not known is none: nothing happens.
	// It can be called again after an error, or when ctx has ended it.
	Cleanup(ctx context.Context, id string) error

	// Close lets go of all containers, which run on, as the end of the
	// program does. Channels of Watch are closed. Nothing but Close may
	// be called afterwards, nothing at all meanwhile.
	Close()
}

// Limiter is an isolator that can tell at once whether a container has gone
// beyond what it may. Watch tells the same, but after the kernel has acted: who
// sees a process end asks here why.
type Limiter interface {
	Limited(id string) (Limitation, bool)
}

// Live is a container that an earlier run of the agent has left running.
type Live struct {
	ID      string
	PID     int // of its first process
	Demand      // what it has, as far as that is known
	Info    *v1.ContainerInfo
	Shared  bool // see Container
	Sandbox string
	Volumes []Volume
}

// Volume is a persistent volume of a container.
type Volume struct {
	Path string // of its data, on the machine
	Info *v1.Resource_DiskInfo
}

// Limitation is that a container has gone beyond what it may. It is for the
// containerizer to end the container and to tell the scheduler.
type Limitation struct {
	Reason    v1.TaskStatus_Reason
	Message   string         // for people, with the figures
	Resources []*v1.Resource // how much was used of what was limited
}

// IOLimit bounds the access to one disk, each figure per second; 0 does not.
type IOLimit struct {
	Major, Minor          uint32
	ReadBytes, WriteBytes uint64
	ReadOps, WriteOps     uint64
}
