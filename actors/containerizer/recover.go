package containerizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"mesos/actors/containerizer/proctree"
)

// sandboxMark is the variable that every process of a container is started with.
const sandboxMark = "MESOS_SANDBOX"

// Recover implements Containerizer.
func (p *Posix) Recover(workDir string, known []Known) (map[string]Process, error) {
	return p.RecoverBeside(workDir, known, nil)
}

// RecoverBeside is Recover where others are those of other containerizers with the
// same work directory: what has their sandboxes is left alone.
func (p *Posix) RecoverBeside(workDir string, known, others []Known) (map[string]Process, error) {
	marked := proctree.MarkedBelow(sandboxMark, workDir)
	nested := proctree.Marked(runtimeMarks(known))
	alive, adopted := map[string]Process{}, map[string]bool{}
	for _, k := range others {
		adopted[k.Sandbox] = true
	}
	var watched []*container
	var dead []Process
	var deadMarks []string
	slices.SortFunc(known, func(a, b Known) int { return strings.Compare(a.ContainerID, b.ContainerID) }) // outer ones first
	for _, k := range known {
		mine := marked[k.Sandbox]
		up, inner := parent(k.ContainerID)
		if inner {
			mine = nested[runtimeMark+k.Runtime]
		}
		m, ok := mainProcess(k, mine)
		if _, outer := alive[up]; inner && !outer {
			ok = false // it goes with what it was nested in
		}
		if ok {
			c, err := p.adopt(k, m)
			if err != nil {
				return nil, fmt.Errorf("recovery of container %s: %w", k.ContainerID, err)
			}
			watched = append(watched, c)
			alive[k.ContainerID], adopted[k.Sandbox] = m, true
		} else {
			dead = append(dead, k.Process)
			if inner {
				deadMarks = append(deadMarks, runtimeMark+k.Runtime)
			}
		}
	}
	left := proctree.Kill(func() (orphans []int) {
		for sandbox, pids := range proctree.MarkedBelow(sandboxMark, workDir) {
			if !belongs(sandbox, adopted) {
				orphans = append(orphans, pids...)
			}
		}
		for _, m := range dead {
			orphans = append(orphans, sessionOf(m)...)
		}
		if len(deadMarks) > 0 {
			for _, pids := range proctree.Marked(deadMarks) {
				orphans = append(orphans, pids...)
			}
		}
		return orphans
	}, patience)
	if !left {
		return nil, fmt.Errorf("processes that an earlier run of the agent left below %s survive SIGKILL", workDir)
	}
	if err := p.recoverIsolated(known, alive); err != nil {
		return nil, err
	}
	for _, c := range watched {
		p.mu.Lock()
		c.held = p.isHeld(c.id)
		p.lookOut(c)
		p.mu.Unlock()
		p.busy.Go(func() { p.watch(c) })
	}
	for _, k := range known {
		if _, ok := alive[k.ContainerID]; !ok {
			p.endedMeanwhile(k)
		}
	}
	return alive, nil
}

// mainProcess finds the living main process of a container. The agent may have
// died before it wrote down which it is: then it is the oldest session leader
// among those that carry the container's mark.
func mainProcess(k Known, marked []int) (Process, bool) {
	if k.Process.PID != 0 {
		began, there := proctree.StartTime(k.Process.PID)
		return k.Process, there && began == k.Process.Started && proctree.Alive(k.Process.PID)
	}
	var leaders []Process
	for _, pid := range marked {
		if slices.Contains(marked, proctree.Parent(pid)) {
			continue // a shim's command leads a session, too
		}
		if began, there := proctree.StartTime(pid); there && proctree.Leads(pid) && proctree.Alive(pid) {
			leaders = append(leaders, Process{pid, began})
		}
	}
	if len(leaders) == 0 {
		return Process{}, false
	}
	return slices.MinFunc(leaders, func(a, b Process) int { return int(int64(a.Started) - int64(b.Started)) }), true
}

// belongs says that a sandbox is that of an adopted container, or of one nested in it.
func belongs(sandbox string, adopted map[string]bool) bool {
	for s := range adopted {
		if sandbox == s || strings.HasPrefix(sandbox, s+"/") {
			return true
		}
	}
	return false
}

// adopt takes up a process that is not our child.
func (p *Posix) adopt(k Known, m Process) (*container, error) {
	c := fromEarlier(k)
	c.pid, c.first, c.began, c.adopted = m.PID, firstOf(m, k.Runtime != ""), m.Started, true
	if err := p.add(c); err != nil {
		return nil, err
	}
	if fd, err := pidfdOpen(m.PID); err == nil {
		p.mu.Lock()
		c.pidfd = pollable(fd)
		p.mu.Unlock()
	}
	return c, nil
}

// watch is the goroutine of one adopted container.
func (p *Posix) watch(c *container) {
	if err := p.awaitStranger(c); err != nil {
		if !errors.Is(err, ErrClosed) {
			p.log.Error("cannot wait for container", "container_id", c.id, "pid", c.pid, "error", err)
		}
		return
	}
	close(c.over)
	p.endNested(c.id)
	if c.held {
		p.cleanUp(c)
	} else {
		p.finish(c, func() []int { return append(c.session(), p.marked(c)...) })
	}
	if c.pidfd != nil {
		c.pidfd.Close()
	}
	if c.runtime != "" {
		status := p.shimStatus(c, syscall.WaitStatus(syscall.SIGKILL))
		p.end(c, p.cleaned(c, Exit{Status: int(status), Message: proctree.Describe(status)}))
		return
	}
	p.end(c, p.cleaned(c, Exit{Status: UnknownStatus, Message: "ended with a status that is not known: an earlier run of the agent started it"}))
}

// lookAgain is how often an adopted process is looked at where the kernel has
// no pidfds (before 5.3).
const lookAgain = 100 * time.Millisecond

// awaitStranger returns when an adopted process has ended, or with ErrClosed.
func (p *Posix) awaitStranger(c *container) error {
	gone := func() bool {
		began, there := proctree.StartTime(c.pid)
		return !there || began != c.began || !proctree.Alive(c.pid)
	}
	if c.pidfd != nil {
		conn, err := c.pidfd.SyscallConn()
		if err == nil && gone() {
			return nil // the pidfd may be that of a later process
		}
		if err == nil {
			err = conn.Read(func(fd uintptr) bool { return readable(fd) })
		}
		if err == nil {
			return nil
		}
	}
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		select {
		case <-p.closing:
			return ErrClosed
		case <-tick.C:
			if gone() {
				return nil
			}
		}
	}
}

func pidfdOpen(pid int) (int, error) {
	const sysPidfdOpen = 434 // on every architecture
	fd, _, e := syscall.Syscall(sysPidfdOpen, uintptr(pid), 0, 0)
	if e != 0 {
		return 0, e
	}
	syscall.CloseOnExec(int(fd))
	return int(fd), nil
}

// readable asks whether the process of a pidfd has ended.
func readable(fd uintptr) bool {
	const pollIn = 1
	poll := struct {
		fd              int32
		events, revents int16
	}{int32(fd), pollIn, 0}
	var now syscall.Timespec
	n, _, e := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&poll)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	return e == 0 && n == 1
}
