package boot

import "golang.org/x/sys/unix"

// Launch is how the first process of a container begins. Isolators add to it;
// File, Argv, Dir, User and what is set before Prepare are the containerizer's.
type Launch struct {
	File string   // what is executed; relative to Dir unless absolute
	Argv []string // argv[0] first
	Env  []string // complete; a later entry of a name wins
	Dir  string   // working directory, as the container sees it
	// Search are the directories, separated by ":", in which a File without "/" is
	// looked for, as the container sees them.
	Search string
	// Image is what the image of the root says about the command, nil if it says
	// nothing. It is for the containerizer, which makes File, Argv, Env, Dir and
	// User of it.
	Image *Image
	User  *User

	// Clone has the namespaces (CLONE_NEW…) that the container gets of its own.
	Clone uintptr
	// Enter is a cgroup, as a directory on the machine, that the process enters before all else. It is for
	// RunOrder and RunAround; who isolates a process by its number puts it there himself.
	Enter string
	// Join are namespaces of others that it enters.
	Join []Join
	// UIDs and GIDs are needed with CLONE_NEWUSER, and with Remap.
	UIDs []IDMap
	GIDs []IDMap
	// Remap is the path of a user namespace with those ids. With it the command gets
	// such a namespace of its own when all else is arranged: what it finds belongs to
	// the machine's root, which it is not. User is one of its ids.
	Remap string
	// Init has a process that reaps stay as the first of a pid namespace, for
	// commands that do not do so themselves.
	Init     bool
	Hostname string // needs CLONE_NEWUTS
	Loopback bool   // the interface lo is brought up; needs CLONE_NEWNET
	// OwnCgroups makes the cgroups that the process is in the topmost that it sees.
	OwnCgroups bool

	// The rest about files needs CLONE_NEWNS.
	Rootfs   string   // becomes "/"; targets and paths below are within it
	Mounts   []Mount  // in their order
	Masked   []string // hidden if they are there
	ReadOnly []string
	Hooks    []Hook // run when all of that is there, before Rootfs becomes "/"; they need one
	// State is what hooks are told of the container, as a JSON object without its pid.
	State string

	// Given is what comes with the devices that the container has to itself. It is for
	// those who make cgroups and containers: the process finds in Env, Mounts and Hooks
	// what it has to do about them.
	Given Given

	RLimits      []RLimit
	Capabilities *Capabilities // nil: as the agent
	NoNewPrivs   bool
	Seccomp      []byte // a filter's instructions, 8 bytes each in the machine's order
	users        int    // the user namespace of Remap; -1 without
	program      int    // mesos-init's file for what stays beside the command; -1 if that goes on as it is

	// DieWithParent has the kernel kill the process with the one that made it.
	DieWithParent bool
}

// Image is what an image says about the command that runs in it.
type Image struct {
	Entrypoint []string
	Cmd        []string
	Env        []string // NAME=value
	WorkingDir string
	User       *User
}

// User is who a command runs as.
type User struct {
	UID    int
	GID    int
	Groups []int
}

// Join is a namespace to enter.
type Join struct {
	Kind int    // CLONE_NEW…
	Path string // /proc/PID/ns/…, as the agent sees it
}

// IDMap maps ids of a user namespace to those of the machine.
type IDMap struct {
	Inside  int
	Outside int
	Size    int
}

// Mount is one mount(2).
type Mount struct {
	Source string  // path on the machine, or anything for a Type without one
	Target string  // absolute path in the container
	Type   string  // "tmpfs"; "" with MS_BIND
	Flags  uintptr // MS_…
	Data   string
	// Owned says that the files belong to the container: with Launch.Remap their
	// owners are ids of its user namespace. It is for bind mounts and overlays.
	Owned bool
	// Within is a directory on the machine that a bind mount's Source must lie in,
	// without a link on the way there: for what belongs to users, who could change
	// it until it is mounted.
	Within string
	// From is a mount namespace (/proc/PID/ns/mnt) in which the Source of a
	// bind mount is looked up.
	From string
	// Make makes the target if it is not there: a directory, or a file if the
	// source is one.
	Make bool
}

// Given are device nodes, and what a container must have beside them to make use of
// them. What Mounts and Hooks say is for containers with a root of their own.
type Given struct {
	Nodes  []Node
	Env    []string // NAME=value
	Mounts []Mount  // of files, Source and Target being paths
	Hooks  []Hook
}

// Node is the node of a character device.
type Node struct {
	Path         string // as the container finds it: /dev/nvidia0
	Host         string // as this machine does
	Major, Minor uint32
	Access       string // of r, w and m
}

// RLimit is one resource limit.
type RLimit struct {
	Which int // RLIMIT_…
	Soft  uint64
	Hard  uint64
}

// Capabilities are sets of bits, 1<<CAP_….
type Capabilities struct {
	Effective uint64 // what the command begins with
	Bounding  uint64 // what it can ever get
}

// Enters is the path of the namespace of a kind to join, "" if none is.
func (l *Launch) Enters(kind int) string {
	for _, j := range l.Join {
		if j.Kind == kind {
			return j.Path
		}
	}
	return ""
}

// own says that the process has a mount namespace that nobody else has.
func (l *Launch) own() bool { return l.Clone&unix.CLONE_NEWNS != 0 }
