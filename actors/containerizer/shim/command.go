package shim

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
	"mesos/isolators/boot"
)

// command is the container's main process and all that came from it.
type command struct {
	pid int

	mu     sync.Mutex
	reaped bool // pid may mean another process
}

// start starts the command. It must be called on the program's first thread,
// since the command dies with the thread.
func start(s Spec, io *stdio) (*command, error) {
	const setChildSubreaper = 36
	if _, _, e := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); e != 0 {
		return nil, e
	}
	spec := launch.Spec{
		File: s.File, Argv: s.Argv, Env: s.Env, Dir: s.Dir, Account: s.Account,
		Files:   [3]uintptr{io.command[0].Fd(), io.command[1].Fd(), io.command[2].Fd()},
		Session: true, Terminal: s.TTY != nil, DieWithParent: true,
	}
	if s.Init != "" {
		spec.File, spec.Argv, spec.Env, spec.Dir, spec.Account = s.Init, append([]string{filepath.Base(s.Init)}, s.InitArgs...), s.InitEnv, "/", nil
		spec.Clone, spec.UIDs, spec.GIDs = s.Clone, s.UIDs, s.GIDs
		spec.Extra = []uintptr{initOrder, initAnswer}
		syscall.CloseOnExec(initOrder) // it gets copies, under other numbers
		syscall.CloseOnExec(initAnswer)
		defer closeInit()
		if s.PIDs != "" {
			// In another pid namespace the parent's number is 0, which Go would
			// take for a parent that is dead. mesos-init asks for the signal itself.
			spec.DieWithParent = false
			if err := boot.EnterPID(s.PIDs); err != nil {
				return nil, err
			}
		}
	}
	p, err := launch.Start(spec)
	if err != nil {
		return nil, err
	}
	_ = syscall.Close(p.PIDFD) // -1 where the kernel has none
	io.started()
	return &command{pid: p.PID}, nil
}

// The shim's descriptors of the pipes to mesos-init.
const initOrder, initAnswer = 4, 5

// closeInit lets go of the pipes, whose ends tell the agent and mesos-init of
// each other.
func closeInit() {
	_ = syscall.Close(initOrder)
	_ = syscall.Close(initAnswer)
}

// signal sends a signal to the main process.
func (c *command) signal(s syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reaped {
		return errors.New("the command has ended")
	}
	return syscall.Kill(c.pid, s)
}

// kill ends all of the container; wait sees it.
func (c *command) kill() {
	const forAll = 10 * time.Second
	proctree.Kill(func() []int { return proctree.Descendants(os.Getpid()) }, forAll)
}

// wait returns how the main process ended, when all that it left behind is
// dead. Orphans, which come to the shim as their reaper, are reaped on the way.
func (c *command) wait() syscall.WaitStatus {
	for {
		ended, by := nextEnd(), syscall.Signal(0)
		if ended == c.pid {
			by = boot.EndedBy(c.pid)
		}
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(ended, &ws, 0, nil)
		switch {
		case err == syscall.EINTR || err == nil && pid != c.pid:
			continue
		case err != nil:
			return syscall.WaitStatus(syscall.SIGKILL) // no child: somebody else has reaped it
		}
		c.mu.Lock()
		c.reaped = true
		c.mu.Unlock()
		go reapOthers()
		c.kill()
		return boot.Status(ws, by)
	}
}

// nextEnd waits until a child has ended and leaves it to be reaped; -1, any, if it
// cannot tell which.
func nextEnd() int {
	// The id follows signal, error and code, where a pointer could stand.
	const id = (3*4 + unsafe.Sizeof(uintptr(0)) - 1) / unsafe.Sizeof(uintptr(0)) * unsafe.Sizeof(uintptr(0)) / 4
	var info [32]int32 // siginfo_t
	for {
		_, _, e := syscall.Syscall6(syscall.SYS_WAITID, 0, 0, uintptr(unsafe.Pointer(&info)), syscall.WEXITED|syscall.WNOWAIT, 0, 0)
		if e == 0 && info[id] > 0 {
			return int(info[id])
		}
		if e != syscall.EINTR {
			return -1
		}
	}
}

// reapOthers reaps what is killed after the main process. It runs until the
// program ends.
func reapOthers() {
	for {
		if _, err := syscall.Wait4(-1, nil, 0, nil); err == syscall.ECHILD {
			return
		}
	}
}
