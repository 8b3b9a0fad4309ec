package client

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
)

// UnreachableError says that nobody answers at a master's address.
type UnreachableError struct {
	Addr string
	Err  error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no master at %s: start one with `mesos local`, or name it with --master or MESOS_MASTER (%s)", e.Addr, cause(e.Err))
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// cause is the innermost part of a network error: the rest repeats the address.
func cause(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "no answer in time"
	}
	return err.Error()
}

// StrangerError says that something answers at the address, but not as a master does.
type StrangerError struct {
	Addr, Got string
}

func (e *StrangerError) Error() string {
	return fmt.Sprintf("what answers at %s is no master that this program knows (%s): name one with --master or MESOS_MASTER", e.Addr, e.Got)
}

// CredentialVariable is the variable by which users name the file with their credential. An agent's is of that name, too.
const CredentialVariable = "MESOS_CREDENTIAL"

// RefusedError is a master's refusal, in its own words.
type RefusedError struct {
	Code int
	Text string
}

func (e *RefusedError) Error() string {
	if e.Code == http.StatusUnauthorized {
		return e.Text + " Name a file that holds yours by " + CredentialVariable + ": it holds {\"principal\":\"p\",\"secret\":\"s\"}."
	}
	return fmt.Sprintf("the master refused (HTTP %d): %s", e.Code, e.Text)
}
