package containerizer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"mesos/actors/containerizer/launch"
)

// makeOutputs makes a container's sandbox and opens its stdout and stderr. house is
// called in between, unless the sandbox is within another's.
func makeOutputs(c Config, a *launch.Account, house func() error) (out [2]*os.File, err error) {
	names := [2]string{"stdout", "stderr"}
	open := func(name string) (*os.File, error) { return openOutput(c.Sandbox, name, a) }
	_, nested := parent(c.ContainerID)
	switch {
	case c.Session: // the sandbox is the parent's, and so are the files in it
		names = [2]string{os.DevNull, os.DevNull}
		open = func(name string) (*os.File, error) { return os.OpenFile(name, os.O_WRONLY, 0) }
	case nested:
		dir, err := makeNested(c.ContainerID, c.Sandbox, a)
		if err != nil {
			return out, err
		}
		defer func() { _ = dir.Close() }() // a directory
		open = func(name string) (*os.File, error) { return openBelow(dir, name, a) }
	default:
		if err := makeSandbox(c.Sandbox, a); err != nil {
			return out, err
		}
		if err := house(); err != nil {
			return out, err
		}
	}
	for i, name := range names {
		if out[i], err = open(name); err != nil {
			if i > 0 {
				out[0].Close()
			}
			return out, err
		}
	}
	return out, nil
}

// makeSandbox makes the directory, owned by the user and closed to others, and
// the directories above it. Where the layout has a link to the newest run
// beside it, the link is turned.
func makeSandbox(dir string, a *launch.Account) error {
	parent := filepath.Dir(dir)
	const mode = 0o750
	for range 10 {
		if err := makeParents(parent); err != nil {
			return err
		}
		// The agent removes old sandboxes, and what is empty above them: in
		// between the parent may have gone again.
		err := os.Mkdir(dir, mode)
		if err == nil || errors.Is(err, fs.ErrExist) {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Chmod(dir, mode); err != nil {
		return err
	}
	if a != nil {
		if err := os.Chown(dir, int(a.UID), int(a.GID)); err != nil {
			return err
		}
	}
	if filepath.Base(parent) != "runs" {
		return nil
	}
	return turnLink(filepath.Join(parent, "latest"), filepath.Base(dir))
}

// makeParents makes what is missing, open to all whatever the umask: users
// must be able to walk through to their sandbox.
func makeParents(dir string) error {
	switch info, err := os.Stat(dir); {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("%s is not a directory", dir)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if up := filepath.Dir(dir); up != dir {
		if err := makeParents(up); err != nil {
			return err
		}
	}
	const mode = 0o755
	err := os.Mkdir(dir, mode)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return nil // somebody else made it; or it goes, and who needs it tries again
	}
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, mode); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// turnLink replaces a link without a moment in which there is none. Its target
// is relative, so that a work directory can be moved.
func turnLink(link, to string) error {
	next := link + "." + to
	if err := os.Symlink(to, next); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(next, link); err != nil {
		os.Remove(next)
		return err
	}
	return nil
}

const outputFlags = os.O_WRONLY | os.O_APPEND | os.O_CREATE | syscall.O_NOFOLLOW

// openOutput opens stdout or stderr of a sandbox for appending. A link in its
// place is refused: with the agent's rights it could lead anywhere.
func openOutput(dir, name string, a *launch.Account) (*os.File, error) {
	// Not by package os, which would ask whether the file can be waited for.
	path := filepath.Join(dir, name)
	fd, err := syscall.Open(path, outputFlags|syscall.O_CLOEXEC, 0o644)
	for errors.Is(err, syscall.EINTR) {
		fd, err = syscall.Open(path, outputFlags|syscall.O_CLOEXEC, 0o644)
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return owned(os.NewFile(uintptr(fd), path), nil, a)
}

// openBelow is openOutput for the sandbox of a nested container.
func openBelow(dir *os.Root, name string, a *launch.Account) (*os.File, error) {
	f, err := dir.OpenFile(name, outputFlags, 0o644)
	return owned(f, err, a)
}

func owned(f *os.File, err error, a *launch.Account) (*os.File, error) {
	if err != nil || a == nil {
		return f, err
	}
	if err := f.Chown(int(a.UID), int(a.GID)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
