package containerizer

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/logrotate"
)

// Rotation has the output of containers written by a program of its own, beside
// each container; see package logrotate.
type Rotation struct {
	Program        string // path of mesos-logger
	Stdout, Stderr logrotate.Limits
}

// pipes are what a container writes to, in place of its files. They are closed
// when the container has them.
type pipes [2]*os.File

func (w pipes) Close() {
	for _, f := range w {
		if f != nil {
			f.Close()
		}
	}
}

// startLogger starts the logger of a container. It ends when all writers do;
// a process that fails to start is over with the pipes.
func (p *Posix) startLogger(r Rotation, cfg Config, a *launch.Account) (w pipes, err error) {
	stdout, stderr, err := logrotate.Override(r.Stdout, r.Stderr, cfg.Environment)
	if err != nil {
		return w, err
	}
	var ends [2]*os.File
	for i := range ends {
		if ends[i], w[i], err = os.Pipe(); err != nil {
			w.Close()
			return w, fmt.Errorf("pipe: %w", err)
		}
		defer ends[i].Close()
	}
	// Nothing in its environment or session names the container: it is not
	// killed with that, and so writes what the container said last.
	proc, err := launch.Start(launch.Spec{
		File: r.Program, Argv: []string{"mesos-logger", stdout.String(), stderr.String()}, Env: []string{}, Dir: cfg.Sandbox,
		Account: a, Session: true, Files: [3]uintptr{ends[0].Fd(), ends[1].Fd(), p.null.Fd()},
	})
	if err != nil {
		w.Close()
		return w, fmt.Errorf("logger: %w", err)
	}
	p.busy.Go(func() { p.reapLogger(proc) })
	return w, nil
}

// reapLogger waits for the end of a logger, or for Close, after which it is
// somebody else's child.
func (p *Posix) reapLogger(proc launch.Process) {
	var pidfd *os.File
	if proc.PIDFD >= 0 {
		pidfd = pollable(proc.PIDFD)
		defer pidfd.Close()
		stop := make(chan struct{})
		defer close(stop)
		p.busy.Go(func() {
			select {
			case <-p.closing:
				_ = pidfd.SetReadDeadline(time.Now()) // wakes the poll
			case <-stop:
			}
		})
		if poll(proc.PID, pidfd) == nil {
			p.reapedLogger(proc.PID)
			return
		}
	}
	// Where pidfds are not there, or cannot be polled.
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		if ended, err := waitid(proc.PID, syscall.WNOHANG); ended || err != nil {
			p.reapedLogger(proc.PID)
			return
		}
		select {
		case <-p.closing:
			return
		case <-tick.C:
		}
	}
}

func (p *Posix) reapedLogger(pid int) {
	status, err := reap(pid)
	if err != nil && !errors.Is(err, syscall.ECHILD) {
		p.log.Error("cannot reap a container's logger", "pid", pid, "error", err)
	} else if status != 0 {
		p.log.Warn("a container's logger failed", "pid", pid, "status", int(status))
	}
}
