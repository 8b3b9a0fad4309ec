package attach

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"syscall"
)

// UnreachableError says that an agent does not answer. What runs on its machine may go on.
type UnreachableError struct {
	Addr string // host:port
	Err  error
}

// Unreachable makes one of what net/http says of a request that had no answer; what comes of the caller's own context,
// and what is none, stays as it is.
func Unreachable(err error) error {
	var failed *url.Error
	if !errors.As(err, &failed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	at, parseErr := url.Parse(failed.URL)
	if parseErr != nil {
		return err
	}
	return &UnreachableError{at.Host, failed.Err}
}

func (e *UnreachableError) Error() string {
	why := e.Err.Error()
	var errno syscall.Errno
	if errors.As(e.Err, &errno) {
		why = errno.Error()
	}
	return fmt.Sprintf("the agent at %s cannot be reached (%s): what runs there goes on, and can be looked into when it is back", e.Addr, why)
}

func (e *UnreachableError) Unwrap() error { return e.Err }
