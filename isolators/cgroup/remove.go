package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// patience between two looks at what the kernel is still busy with.
const patience = 2 * time.Millisecond

// gone says that a cgroup was removed, also while its file was open.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) }

func rmdir(path string) error {
	if err := unix.Rmdir(path); err != nil {
		return &os.PathError{Op: "rmdir", Path: path, Err: err}
	}
	return nil
}

// pause waits a little, or says that ctx has ended.
func pause(ctx context.Context) error {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// walk calls f on a cgroup and all below it, the deepest first.
func walk(d Dir, f func(Dir) error) error {
	names, err := d.Children()
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := walk(d.Below(n), f); err != nil {
			return err
		}
	}
	return f(d)
}

// Remove removes cgroups that no process is in, with all below them. The kernel
// may need a moment to notice that the last process is gone: Remove tries until
// ctx ends. What is not there is removed already.
func Remove(ctx context.Context, dirs ...Dir) error {
	for _, d := range dirs {
		for {
			err := walk(d, func(d Dir) error { return d.Kernel.Rmdir(d.Path) })
			if err == nil || gone(err) && !d.Exists() {
				break
			}
			if !errors.Is(err, unix.EBUSY) && !gone(err) {
				return fmt.Errorf("cgroup removal: %w", err)
			}
			if end := pause(ctx); end != nil {
				return fmt.Errorf("cgroup removal: %w (%w)", err, end)
			}
		}
	}
	return nil
}

// processes are those in a cgroup and below it.
func processes(d Dir) (pids []int, err error) {
	err = walk(d, func(d Dir) error {
		some, err := d.PIDs("cgroup.procs")
		pids = append(pids, some...)
		return err
	})
	return pids, err
}

// Empty kills every process in the cgroups and below them, and returns when none
// is left. It is given all cgroups of one container: one of them that can kill
// (v2) or stop (v1 freezer) all at once does, so that what forks fast cannot get
// away.
func Empty(ctx context.Context, dirs ...Dir) error {
	for {
		left := 0
		for _, d := range dirs {
			pids, err := processes(d)
			if err != nil {
				return fmt.Errorf("processes of cgroup %s: %w", d.Path, err)
			}
			left += len(pids)
		}
		if left == 0 {
			return nil
		}
		if err := killOnce(ctx, dirs); err != nil {
			return err
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("cgroup %s: %d processes do not end: %w", dirs[0].Path, left, err)
		}
	}
}

// killOnce kills at once where that is possible, and then what may be in one of
// the cgroups alone, as it was about to enter all.
func killOnce(ctx context.Context, dirs []Dir) error {
	killer := slices.ContainsFunc(dirs, func(d Dir) bool { return d.Has("cgroup.kill") })
	for _, d := range dirs {
		switch {
		case d.Has("cgroup.kill"):
			if err := d.Write("cgroup.kill", "1"); err != nil && !gone(err) {
				return err
			}
		case d.Has("freezer.state") && killer:
			// Whatever killed: what somebody froze does not die.
			if err := errors.Join(signalAll(d), thaw(d)); err != nil {
				return err
			}
		case d.Has("freezer.state"):
			if err := killFrozen(ctx, d); err != nil {
				return err
			}
		default:
			if err := signalAll(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// killFrozen stops all before it kills them: nothing forks meanwhile. What is
// frozen dies when it is thawed, so that happens whatever else fails.
func killFrozen(ctx context.Context, d Dir) (err error) {
	if err := d.Write("freezer.state", "FROZEN"); err != nil {
		return ignoreGone(err)
	}
	// An ended ctx must not leave them frozen: writing does not wait.
	defer func() { err = errors.Join(err, thaw(d)) }()
	// A task that waits in the kernel without being interruptible keeps the
	// state at FREEZING. It cannot fork either, so that a few looks are enough.
	for range 50 {
		if state, err := d.Read("freezer.state"); err != nil || state == "FROZEN" {
			break
		}
		if pause(ctx) != nil {
			break
		}
	}
	return signalAll(d)
}

// thaw lets all below a cgroup run, or die.
func thaw(d Dir) error {
	return ignoreGone(walk(d, func(d Dir) error { return ignoreGone(d.Write("freezer.state", "THAWED")) }))
}

func ignoreGone(err error) error {
	if gone(err) {
		return nil
	}
	return err
}

// batch bounds how many processes are held by descriptors at once.
const batch = 256

// signalAll kills the processes in a cgroup and below it. A number may come to
// mean another process at any time, so each is held by a descriptor and looked
// for again before it is killed.
func signalAll(d Dir) error {
	pids, err := processes(d)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(pids, batch) {
		if err := signal(d, some); err != nil {
			return err
		}
	}
	return nil
}

func signal(d Dir, pids []int) error {
	held := make(map[int]int, len(pids))
	defer func() {
		for _, fd := range held {
			_ = unix.Close(fd)
		}
	}()
	for _, pid := range pids {
		fd, err := unix.PidfdOpen(pid, 0)
		if errors.Is(err, unix.ESRCH) {
			continue
		}
		if err != nil {
			return fmt.Errorf("descriptor of process %d: %w", pid, err)
		}
		held[pid] = fd
	}
	still, err := processes(d)
	if err != nil {
		return err
	}
	for _, pid := range still {
		fd, ours := held[pid]
		if !ours {
			continue
		}
		if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("kill of process %d: %w", pid, err)
		}
	}
	return nil
}
