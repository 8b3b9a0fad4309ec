package boot

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot/early"
)

// Descriptors of mesos-init: what it is to do comes in on the first, and why it
// could not goes out on the second.
const (
	orderFD  = early.OrderFD
	answerFD = early.AnswerFD
)

// NeverRan is the exit status of mesos-init when the agent died before it
// said what to run.
const NeverRan = early.NeverRan

// Error is why a container's process could not become what its Launch says.
type Error struct {
	What  string        // "mount of /proc"; "exec" if it was the command itself
	Errno syscall.Errno // 0 if there is none
}

// Exec is the What of an Error about the command's file.
const Exec = "exec"

func (e *Error) Error() string {
	if e.Errno == 0 {
		return e.What
	}
	return e.What + ": " + e.Errno.Error()
}

func (e *Error) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// Pipes are the agent's side of a container that begins, and what the new
// process gets. Close them.
type Pipes struct {
	order, answer *os.File
	child         []uintptr // of the new process; nil when closed
}

// NewPipes makes them. Only the answer is waited for, by the runtime's poller; package os would
// ask it about all four ends, which takes longer than to make them.
func NewPipes() (*Pipes, error) {
	var order, answer [2]int
	if err := unix.Pipe2(order[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	if err := unix.Pipe2(answer[:], unix.O_CLOEXEC); err != nil {
		return nil, errors.Join(fmt.Errorf("pipe: %w", err), unix.Close(order[0]), unix.Close(order[1]))
	}
	_ = unix.SetNonblock(answer[0], true) // an open descriptor cannot refuse this
	return &Pipes{
		order: os.NewFile(uintptr(order[1]), "order"), answer: os.NewFile(uintptr(answer[0]), "answer"),
		child: []uintptr{uintptr(order[0]), uintptr(answer[1])},
	}, nil
}

// Child gives the new process's descriptors: they must become its third and
// fourth, counted from 0.
func (p *Pipes) Child() []uintptr { return p.child }

// Started closes the new process's side, when it has it.
func (p *Pipes) Started() {
	for _, fd := range p.child {
		_ = unix.Close(int(fd))
	}
	p.child = nil
}

// Order is what a process is told: a Launch, or the system calls that carry it out.
type Order struct {
	Arguments []string // of mesos-init
	text      []byte
}

// NewOrder makes it.
func NewOrder(l *Launch) Order {
	if calls := l.calls(); calls != nil {
		if text, err := calls.Text(); err == nil {
			return Order{[]string{early.Argument}, text}
		}
	}
	return Order{text: orderOf(l)}
}

// Send lets the process go on and returns when its command runs. The error is
// an *Error if the process said what was wrong.
func (p *Pipes) Send(o Order) error {
	if _, err := p.order.Write(o.text); err != nil {
		return fmt.Errorf("the container's first process ended before it was told what to run: %w", err)
	}
	failed, err := readAnswer(p.answer)
	switch {
	case errors.Is(err, io.EOF):
		return nil // exec has closed it
	case err != nil:
		return fmt.Errorf("answer of the container's first process: %w", err)
	}
	return failed
}

// Close lets a process that still waits end.
func (p *Pipes) Close() {
	p.Started()
	p.order.Close()
	p.answer.Close()
}
