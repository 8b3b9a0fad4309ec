package command

import (
	"errors"
	"slices"
	"sync"
	"syscall"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
)

// sides are the processes that run beside the task's command, to check it.
// Tree.reap reaps them with all others and tells how they ended.
type sides struct {
	mu     sync.Mutex // held over a start, so that no end is told before it is waited for
	ends   map[int]func(syscall.WaitStatus)
	closed bool
}

// errOver is why nothing is started beside a command that has ended.
var errOver = errors.New("the task is over")

// start starts one. ended is called once, on the goroutine that reaps.
func (s *sides) start(spec launch.Spec, ended func(syscall.WaitStatus)) (pid int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, errOver
	}
	p, err := launch.Start(spec)
	if err != nil {
		return 0, err
	}
	_ = syscall.Close(p.PIDFD) // -1 where the kernel has none
	if s.ends == nil {
		s.ends = map[int]func(syscall.WaitStatus){}
	}
	s.ends[p.PID] = ended
	return p.PID, nil
}

func (s *sides) ended(pid int, ws syscall.WaitStatus) {
	s.mu.Lock()
	f := s.ends[pid]
	delete(s.ends, pid)
	s.mu.Unlock()
	if f != nil {
		f(ws)
	}
}

// close lets no more be started.
func (s *sides) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}

func (s *sides) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *sides) runs(pid int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ends[pid] != nil
}

// find gives what is left of a process and of all that it started, even what
// daemonized, which the mark in its environment tells from the task's own.
func (s *sides) find(pid int, mark string) []int {
	mine := below()
	found := slices.DeleteFunc(append(proctree.Marked([]string{mark})[mark], proctree.Session(pid)...), func(p int) bool {
		return !slices.Contains(mine, p)
	})
	if s.runs(pid) {
		found = append(found, pid)
	}
	return found
}
