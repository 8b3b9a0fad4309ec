package network

import (
	"fmt"
	"strings"
)

// UnknownError is a network that a container names and that is not there.
type UnknownError struct {
	Name string
	Good []string // the networks there are, sorted
	Bad  error    // why others are not, as files that cannot be read; may be nil
}

func (e *UnknownError) Error() string {
	text := fmt.Sprintf("unknown network %q: ", e.Name)
	if len(e.Good) == 0 {
		text += "this agent has none"
	} else {
		text += "want one of " + strings.Join(e.Good, ", ")
	}
	if e.Bad != nil {
		text += " (left out: " + strings.ReplaceAll(e.Bad.Error(), "\n", "; ") + ")"
	}
	return text
}

func (e *UnknownError) Unwrap() error { return e.Bad }
