package shimv2

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// Exec is the program mesos-oci: it executes the Session of a file in the container of
// a bundle, joins the standard streams and returns the exit status.
func Exec(dir, file string) (int, error) {
	o, err := readOrder(dir)
	if err != nil {
		return 0, err
	}
	session, at := &Session{}, address{}
	if err := errors.Join(readJSON(file, session), readJSON(filepath.Join(dir, addressName), &at)); err != nil {
		return 0, err
	}
	signals := forwarded()
	ctx := context.Background()
	c, err := dial(ctx, at, o.ID, session.ID)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	s, err := newStreams(dir, "exec-"+session.ID, true, session.TTY)
	if err != nil {
		return 0, err
	}
	s.copy(c)
	defer s.remove()
	if err := c.execute(ctx, session, s.paths); err != nil {
		return 0, err
	}
	if err := c.start(ctx); err != nil {
		return 0, errors.Join(err, c.delete(ctx))
	}
	status, err := c.attend(ctx, signals, session.TTY)
	if err != nil {
		return 0, err
	}
	err = c.delete(ctx)
	if !s.finish() {
		return 0, errors.Join(err, fmt.Errorf("output of what has ended: its shim did not close it for %s", lastOutput))
	}
	return status, err
}
