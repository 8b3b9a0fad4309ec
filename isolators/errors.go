package isolators

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnknownContainer is wrapped by Isolate, Update and Usage.
var ErrUnknownContainer = errors.New("unknown container")

// ErrExists is wrapped by Prepare when the container is there already.
var ErrExists = errors.New("container exists already")

// UnknownError is a name that no isolator has.
type UnknownError struct {
	Name string
	Good []string // the names there are, sorted
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("unknown isolator %q: want one of %s", e.Name, strings.Join(e.Good, ", "))
}

// MissingError is a feature of the kernel that an isolator needs and that this
// machine lacks.
type MissingError struct {
	Feature string // "cgroup controller memory"
	Needs   string // what would provide it: "a kernel with CONFIG_MEMCG"
	Err     error  // what the kernel said; may be nil
}

func (e *MissingError) Error() string {
	text := "this machine has no " + e.Feature + ": needs " + e.Needs
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *MissingError) Unwrap() error { return e.Err }
