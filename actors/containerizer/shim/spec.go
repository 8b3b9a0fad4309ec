package shim

import (
	"mesos/actors/containerizer/launch"
	"mesos/isolators/boot"
)

// Spec is what a shim is to run.
type Spec struct {
	File    string          `json:"file"`
	Argv    []string        `json:"argv"`
	Env     []string        `json:"env"`
	Dir     string          `json:"dir"`
	Account *launch.Account `json:"account,omitempty"`

	// Init is the path of mesos-init, which begins the container with the
	// descriptors 4 and 5 of the shim; File, Argv, Env, Dir and Account are
	// not the shim's then. "" has the shim start the command itself.
	Init     string   `json:"init,omitempty"`
	InitArgs []string `json:"init_args,omitempty"` // without its name
	InitEnv  []string `json:"init_env,omitempty"`
	// PIDs is the path of the pid namespace that it is made in, "" the shim's.
	PIDs  string       `json:"pids,omitempty"`
	Clone uintptr      `json:"clone,omitempty"` // see launch.Spec
	UIDs  []boot.IDMap `json:"uids,omitempty"`
	GIDs  []boot.IDMap `json:"gids,omitempty"`

	// TTY gives the command a terminal instead of pipes.
	TTY *Window `json:"tty,omitempty"`
	// Session makes the container end with its first reader. It waits for
	// that reader, and has an input.
	Session bool `json:"session,omitempty"`
}

// Window is the size of a terminal, in characters; zeros where it is not known.
type Window struct {
	Rows    uint16 `json:"rows"`
	Columns uint16 `json:"columns"`
}

// Started is a shim's first and only word on descriptor 3.
type Started struct {
	PID   int    `json:"pid,omitempty"` // of the command
	Error string `json:"error,omitempty"`
}
