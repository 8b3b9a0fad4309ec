package shim

import "mesos/actors/containerizer/launch"

// Spec is what a shim is to run.
type Spec struct {
	File    string          `json:"file"`
	Argv    []string        `json:"argv"`
	Env     []string        `json:"env"`
	Dir     string          `json:"dir"`
	Account *launch.Account `json:"account,omitempty"`

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
