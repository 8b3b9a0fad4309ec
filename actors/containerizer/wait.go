package containerizer

import (
	"errors"
	"os"
	"syscall"
	"time"
	"unsafe"

	"mesos/actors/containerizer/proctree"
	"mesos/isolators/boot"
)

// Wait implements Containerizer.
func (p *Posix) Wait(id string) <-chan Exit {
	ch := make(chan Exit, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.containers[id]
	if c == nil {
		close(ch)
		return ch
	}
	c.waiters = append(c.waiters, ch)
	if c.exit != nil {
		p.tell(c)
	}
	return ch
}

// wait is the goroutine of one running container.
func (p *Posix) wait(c *container) {
	if err := p.awaitEnd(c); err != nil {
		if !errors.Is(err, ErrClosed) {
			p.log.Error("cannot wait for container", "container_id", c.id, "pid", c.pid, "error", err)
		}
		return
	}
	close(c.over)
	p.endNested(c.id)
	if c.held {
		p.cleanUp(c)
	}
	// The main process is a zombie now, so its number still means this
	// container's session.
	if !c.held && len(proctree.Session(c.pid)) > 0 {
		p.finish(c, func() []int { return proctree.Session(c.pid) })
	}
	p.mu.Lock()
	c.reaping = true
	p.mu.Unlock()
	c.killing.Wait()
	by := syscall.Signal(0)
	if !c.reaper { // else it is the command itself, whatever it takes for a name
		by = boot.EndedBy(c.pid)
	}
	status, err := reap(c.pid)
	status = boot.Status(status, by)
	if err != nil {
		p.log.Error("cannot reap container", "container_id", c.id, "pid", c.pid, "error", err)
	}
	if !c.held && (status.Signaled() || !c.reaper) && !c.destroyed(p) {
		p.finish(c, func() []int { return p.marked(c) })
	}
	if c.pidfd != nil {
		c.pidfd.Close()
	}
	if c.runtime != "" {
		status = p.shimStatus(c, syscall.WaitStatus(syscall.SIGKILL))
	}
	p.end(c, p.cleaned(c, Exit{Status: int(status), Message: proctree.Describe(status)}))
}

// cleaned removes what isolators have of a container that has ended, and says
// whether they ended it.
func (p *Posix) cleaned(c *container, e Exit) Exit {
	if p.isolation == nil {
		return e
	}
	if !c.held {
		p.cleanUp(c)
	}
	return p.limited(c, e)
}

func (c *container) destroyed(p *Posix) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.destroy
}

func (p *Posix) end(c *container, e Exit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.exit = &e
	close(c.ended)
	if len(c.waiters) > 0 {
		p.tell(c)
		return
	}
	p.ended = append(p.ended, c.id)
	if len(p.ended) > maxEnded {
		delete(p.containers, p.ended[0])
		p.ended = p.ended[1:]
	}
}

// tell gives the Exit to all who wait, and forgets the container.
func (p *Posix) tell(c *container) {
	for _, ch := range c.waiters {
		ch <- *c.exit
	}
	c.forget()
	delete(p.containers, c.id)
	for i, id := range p.ended {
		if id == c.id {
			p.ended = append(p.ended[:i], p.ended[i+1:]...)
			break
		}
	}
}

func (c *container) forget() {
	for _, ch := range c.waiters {
		close(ch)
	}
	c.waiters = nil
}

// awaitEnd returns when the main process has ended, and leaves it to be
// reaped; or with ErrClosed when Close closed the pidfd. Without a pidfd, or
// where pidfds cannot be polled, it holds a thread.
func (p *Posix) awaitEnd(c *container) error {
	if c.pidfd != nil {
		err := poll(c.pid, c.pidfd)
		if err == nil {
			return nil
		}
		p.mu.Lock()
		closed := p.closed
		p.mu.Unlock()
		if closed {
			return ErrClosed
		}
	}
	_, err := waitid(c.pid, 0)
	return err
}

func poll(pid int, pidfd *os.File) error {
	conn, err := pidfd.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Read(func(uintptr) bool { // again whenever the pidfd gets readable
		ended, err := waitid(pid, syscall.WNOHANG)
		failed = err
		return ended || err != nil
	})
	return errors.Join(err, failed)
}

// waitid asks whether a child has ended, without reaping it.
func waitid(pid, flags int) (ended bool, err error) {
	const byPID = 1
	var info [128]byte // siginfo_t; the first int is SIGCHLD or, nobody having ended, 0
	for {
		_, _, e := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(pid), uintptr(unsafe.Pointer(&info)),
			uintptr(syscall.WEXITED|syscall.WNOWAIT|flags), 0, 0)
		switch e {
		case 0:
			return info != [128]byte{}, nil
		case syscall.EINTR:
		default:
			return false, e
		}
	}
}

func reap(pid int) (ws syscall.WaitStatus, err error) {
	for {
		if _, err = syscall.Wait4(pid, &ws, 0, nil); err != syscall.EINTR {
			return ws, err
		}
	}
}

// patience bounds how long a killed process may take to die. Only one that is
// stuck in the kernel, on dead network storage say, takes longer.
const patience = 10 * time.Second

// finish kills what find names and tells the log if it would not die.
func (p *Posix) finish(c *container, find proctree.Finder) {
	if !proctree.Kill(find, patience) {
		p.log.Error("processes of container survive SIGKILL", "container_id", c.id, "pids", find())
		if p.failed != nil {
			p.failed()
		}
	}
}
