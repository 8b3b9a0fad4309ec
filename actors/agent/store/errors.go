package store

import "mesos/registry/boltfile"

// Format is what a state file says of itself. Another is refused.
const Format = "mesos agent state 1"

// Why a state file cannot be used; a *FileError wraps one of them.
var (
	ErrInUse   = boltfile.ErrInUse
	ErrForeign = boltfile.ErrForeign
	ErrVersion = boltfile.ErrVersion
	ErrDamaged = boltfile.ErrDamaged
)

// FileError refuses a state file. Nothing was changed in it.
type FileError = boltfile.Error

var kind = &boltfile.Kind{
	Format: Format, Name: "state file", Content: "the state of an agent", Owner: "agent",
	Advice: "restore it from a copy, or move it away to begin as a new agent (tasks that still run on this machine are then killed)",
	Tables: []string{string(agents), string(frameworks), string(executors), string(tasks), string(updates), string(completed), string(converted), string(operations), string(containers), string(drains), string(providers)},
	Later:  []string{string(completed), string(converted), string(operations), string(containers), string(drains), string(providers)},
}
