package boot

import "golang.org/x/sys/unix"

// Launch is how the first process of a container begins. Isolators add to it;
// File, Argv, Dir, User and what is set before Prepare are the containerizer's.
type Launch struct {
	File string   `json:"file"` // what is executed; relative to Dir unless absolute
	Argv []string `json:"argv"` // argv[0] first
	Env  []string `json:"env"`  // complete; a later entry of a name wins
	Dir  string   `json:"dir"`  // working directory, as the container sees it
	// Search are the directories, separated by ":", in which a File without "/" is
	// looked for, as the container sees them.
	Search string `json:"search,omitempty"`
	// Image is what the image of the root says about the command, nil if it says
	// nothing. It is for the containerizer, which makes File, Argv, Env, Dir and
	// User of it.
	Image *Image `json:"-"`
	User  *User  `json:"user,omitempty"`

	// Clone has the namespaces (CLONE_NEW…) that the container gets of its own.
	Clone uintptr `json:"clone,omitempty"`
	// Join are namespaces of others that it enters.
	Join []Join `json:"join,omitempty"`
	// UIDs and GIDs are needed with CLONE_NEWUSER, and with Remap.
	UIDs []IDMap `json:"uids,omitempty"`
	GIDs []IDMap `json:"gids,omitempty"`
	// Remap is the path of a user namespace with those ids. With it the command gets
	// such a namespace of its own when all else is arranged: what it finds belongs to
	// the machine's root, which it is not. User is one of its ids.
	Remap string `json:"remap,omitempty"`
	// Init has a process that reaps stay as the first of a pid namespace, for
	// commands that do not do so themselves.
	Init     bool   `json:"init,omitempty"`
	Hostname string `json:"hostname,omitempty"` // needs CLONE_NEWUTS
	Loopback bool   `json:"loopback,omitempty"` // the interface lo is brought up; needs CLONE_NEWNET
	// OwnCgroups makes the cgroups that the process is in the topmost that it sees.
	OwnCgroups bool `json:"own_cgroups,omitempty"`

	// The rest about files needs CLONE_NEWNS.
	Rootfs   string   `json:"rootfs,omitempty"` // becomes "/"; targets and paths below are within it
	Mounts   []Mount  `json:"mounts,omitempty"` // in their order
	Masked   []string `json:"masked,omitempty"` // hidden if they are there
	ReadOnly []string `json:"read_only,omitempty"`

	RLimits      []RLimit      `json:"rlimits,omitempty"`
	Capabilities *Capabilities `json:"capabilities,omitempty"` // nil: as the agent
	NoNewPrivs   bool          `json:"no_new_privs,omitempty"`
	Seccomp      []byte        `json:"seccomp,omitempty"` // a filter's instructions, 8 bytes each in the machine's order
	users        int           // the user namespace of Remap; -1 without
	program      int           // mesos-init's file for what stays beside the command; -1 if that goes on as it is

	// DieWithParent has the kernel kill the process with the one that made it.
	DieWithParent bool `json:"die_with_parent,omitempty"`
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
	UID    int   `json:"uid"`
	GID    int   `json:"gid"`
	Groups []int `json:"groups,omitempty"`
}

// Join is a namespace to enter.
type Join struct {
	Kind int    `json:"kind"` // CLONE_NEW…
	Path string `json:"path"` // /proc/PID/ns/…, as the agent sees it
}

// IDMap maps ids of a user namespace to those of the machine.
type IDMap struct {
	Inside  int `json:"inside"`
	Outside int `json:"outside"`
	Size    int `json:"size"`
}

// Mount is one mount(2).
type Mount struct {
	Source string  `json:"source,omitempty"` // path on the machine, or anything for a Type without one
	Target string  `json:"target"`           // absolute path in the container
	Type   string  `json:"type,omitempty"`   // "tmpfs"; "" with MS_BIND
	Flags  uintptr `json:"flags,omitempty"`  // MS_…
	Data   string  `json:"data,omitempty"`
	// Owned says that the files belong to the container: with Launch.Remap their
	// owners are ids of its user namespace. It is for bind mounts and overlays.
	Owned bool `json:"owned,omitempty"`
	// Within is a directory on the machine that a bind mount's Source must lie in,
	// without a link on the way there: for what belongs to users, who could change
	// it until it is mounted.
	Within string `json:"within,omitempty"`
	// From is a mount namespace (/proc/PID/ns/mnt) in which the Source of a
	// bind mount is looked up.
	From string `json:"from,omitempty"`
	// Make makes the target if it is not there: a directory, or a file if the
	// source is one.
	Make bool `json:"make,omitempty"`
}

// RLimit is one resource limit.
type RLimit struct {
	Which int    `json:"which"` // RLIMIT_…
	Soft  uint64 `json:"soft"`
	Hard  uint64 `json:"hard"`
}

// Capabilities are sets of bits, 1<<CAP_….
type Capabilities struct {
	Effective uint64 `json:"effective"` // what the command begins with
	Bounding  uint64 `json:"bounding"`  // what it can ever get
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
