package store

import (
	"errors"
	"fmt"
)

// Format is what a state file says of itself. Another is refused.
const Format = "mesos agent state 1"

// Why a state file cannot be used; a *FileError wraps one of them.
var (
	ErrInUse   = errors.New("another agent uses it")
	ErrForeign = errors.New("it is not the state of an agent")
	ErrVersion = errors.New("it is of another version")
	ErrDamaged = errors.New("it is damaged")
)

// FileError refuses a state file. Nothing was changed in it.
type FileError struct {
	Path   string
	Err    error  // one of the above
	Detail string // what was found
}

func (e *FileError) Error() string {
	s := fmt.Sprintf("state file %s cannot be used: %v", e.Path, e.Err)
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	if errors.Is(e.Err, ErrInUse) {
		return s + ": give each agent a work_dir of its own"
	}
	return s + ": restore it from a copy, or move it away to begin as a new agent (tasks that still run on this machine are then killed)"
}

func (e *FileError) Unwrap() error { return e.Err }
