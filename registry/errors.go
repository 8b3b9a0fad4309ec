package registry

import (
	"errors"
	"fmt"
)

// What stores and the registrar refuse. Callers branch on them.
var (
	// ErrDeposed: another master leads; nothing was written, and nothing will be.
	ErrDeposed = errors.New("this master does not lead any more")
	// ErrClosed: the registrar or store was closed; the operation was not begun.
	ErrClosed = errors.New("the registry is closed")
	// ErrTimeout: a write took longer than allowed; whether it is durable is not known.
	ErrTimeout = errors.New("the registry could not be written in time")
	// ErrTooLarge: one operation changes more rows than the store writes at once.
	ErrTooLarge = errors.New("the operation is too large")
)

// Why an operation is refused: the state does not allow it.
var (
	ErrNotAdmitted = errors.New("the agent is not admitted")
	ErrAdmitted    = errors.New("the agent is admitted")
	ErrGone        = errors.New("the agent is gone")
	ErrUnknown     = errors.New("nothing is known of it")
	ErrConflict    = errors.New("the state does not allow it")
)

// OperationError says which operation was refused, on what and why. It wraps one
// of the errors above.
type OperationError struct {
	Operation string // "mark unreachable"
	ID        string // of the agent, machine, role or framework
	Err       error
	Detail    string
}

func (e *OperationError) Error() string {
	s := fmt.Sprintf("%s %q: %v", e.Operation, e.ID, e.Err)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

func (e *OperationError) Unwrap() error { return e.Err }
