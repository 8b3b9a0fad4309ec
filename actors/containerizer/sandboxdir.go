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

// openOutput opens stdout or stderr of a sandbox for appending. A link in its
// place is refused: with the agent's rights it could lead anywhere.
func openOutput(dir, name string, a *launch.Account) (*os.File, error) {
	const flags = os.O_WRONLY | os.O_APPEND | os.O_CREATE | syscall.O_NOFOLLOW
	f, err := os.OpenFile(filepath.Join(dir, name), flags, 0o644)
	if err != nil {
		return nil, err
	}
	if a != nil {
		if err := f.Chown(int(a.UID), int(a.GID)); err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}
