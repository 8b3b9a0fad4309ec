package shimv2

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
)

// Run is the program mesos-oci: it makes the container of a bundle, stays until that
// ends, and returns its exit status. With an error the container did not end by itself;
// what is left of it then, Forget removes. All that came of it is dead in either case.
func Run(dir string) (int, error) {
	o, err := readOrder(dir)
	if err != nil {
		return 0, err
	}
	// The shim leaves who started it, and comes to this program.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("this program as the shim's reaper: %w", err)
	}
	log, err := listen(dir)
	if err != nil {
		return 0, err
	}
	status, s, err := o.run()
	how := end(errors.Is(err, ErrGone))
	if s != nil {
		s.finish() // at once: nobody lives who could write
	}
	said := log.close()
	if err != nil {
		err = explained(err, filepath.Base(o.Program), how, said)
		o.fail(err)
		return 0, err
	}
	return status, nil
}

// run is Run without what must be done after any end.
func (o *Order) run() (status int, s *streams, err error) {
	signals := forwarded()
	ctx := context.Background()
	c, err := o.start(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer c.Close()
	if s, err = newStreams(o.Dir, "container", o.TTY, o.TTY); err != nil {
		return 0, s, err
	}
	s.copy(c)
	making, made := context.WithTimeout(ctx, startTime)
	defer made()
	if err := c.create(making, o, s.paths); err != nil {
		return 0, s, err
	}
	if err := c.start(making); err != nil {
		return 0, s, err
	}
	if status, err = c.attend(ctx, signals, o.TTY); err != nil {
		return 0, s, err
	}
	if err := errors.Join(c.delete(ctx), c.shutdown(ctx)); err != nil {
		return 0, s, err
	}
	return status, s, o.forgotten()
}

// attend returns when what was started has ended: it hands signals on, and what
// happens at a terminal.
func (c *client) attend(ctx context.Context, signals <-chan os.Signal, tty bool) (int, error) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	if tty {
		defer launch.Interact(ctx, nil, func(rows, columns int) { _ = c.resize(ctx, rows, columns) })()
	}
	passed := make(chan struct{})
	go func() {
		defer close(passed)
		for {
			select {
			case got := <-signals:
				if n, is := got.(syscall.Signal); is {
					_ = c.kill(ctx, n, false) // or it has just ended
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	status, err := c.wait(ctx)
	end()
	<-passed
	return status, err
}

// forwarded are the signals that are meant for the container. They are kept from the
// beginning on: none ends this program before there is one.
func forwarded() <-chan os.Signal {
	signals := make(chan os.Signal, 32)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGCONT)
	// Caught and forgotten, not ignored: a container inherits what is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signals
}

// end kills all that is left of the container, which comes to this program when its
// shim has died, and says how that did, if it has closed the connection.
func end(dying bool) (how string) {
	const forOne, forAll = 2 * time.Second, 10 * time.Second
	for late := time.Now().Add(forOne); dying && how == "" && time.Now().Before(late); time.Sleep(time.Millisecond) {
		var ws syscall.WaitStatus
		if pid, err := syscall.Wait4(-1, &ws, syscall.WNOHANG, nil); err == nil && pid > 0 {
			how = proctree.Describe(ws) // a connection ends before the process does
		}
	}
	if !proctree.Kill(func() []int { return proctree.Descendants(os.Getpid()) }, forAll) {
		return how // stuck in the kernel: the agent finds them, and tells
	}
	for { // all are dead
		if _, err := syscall.Wait4(-1, nil, 0, nil); err == syscall.ECHILD {
			return how
		}
	}
}

// explained says of an error what the shim said last.
func explained(err error, program, how, said string) error {
	text := []string{program}
	if errors.Is(err, ErrGone) && how != "" {
		text = append(text, how)
	}
	err = fmt.Errorf("%s: %w", strings.Join(text, ": "), err)
	if last := complaints(said); last != "" && !errors.Is(err, ErrGone) {
		err = fmt.Errorf("%w; its log: %s", err, last)
	}
	return err
}

// complaints are the last lines of a log that tell of an error.
func complaints(log string) string {
	var found []string
	for line := range strings.Lines(log) {
		if strings.Contains(line, "level=error") || strings.Contains(line, "level=fatal") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return strings.Join(found[max(0, len(found)-2):], " ")
}
