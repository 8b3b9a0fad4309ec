package sandbox

import (
	"errors"
	"fmt"

	"mesos/messages/ids"
)

// ErrID is wrapped by every error that refuses an id.
var ErrID = errors.New("id unfit for a path")

// CheckID tells whether an id can be one element of a path; the rules are
// those of ids.Check. kind ("framework id", "task id", …) is named in the error.
func CheckID(kind, id string) error {
	if err := ids.Check(kind, id); err != nil {
		return fmt.Errorf("%w: %w", ErrID, err)
	}
	return nil
}
