package operator

import (
	"errors"
	"fmt"
	"net/http"

	"mesos/actors"
	"mesos/actors/httpapi"
)

// Refusal is an answer other than 200: a code and a sentence.
type Refusal struct {
	Code int
	Text string
}

func (r *Refusal) Error() string { return r.Text }

// Refuse makes a Refusal.
func Refuse(code int, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}

// WriteError answers why there is nothing else to answer: a [Refusal] in its own words, an actor that has stopped by
// saying that the daemon, like "master", is stopping, and all else as our fault.
func WriteError(w http.ResponseWriter, daemon string, err error) {
	var refused *Refusal
	switch {
	case errors.As(err, &refused):
		httpapi.Errorf(w, refused.Code, "%s", refused.Text)
	case errors.Is(err, actors.ErrStopped):
		httpapi.Errorf(w, http.StatusServiceUnavailable, "The %s is stopping.", daemon)
	default:
		httpapi.Errorf(w, http.StatusInternalServerError, "%v.", err)
	}
}
