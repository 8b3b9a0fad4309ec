package volume

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"mesos/actors/containerizer/launch"
)

// ErrTarget is wrapped when a volume's container_path cannot be in a sandbox.
var ErrTarget = errors.New("container_path leads out of the sandbox")

// Link puts a volume into a sandbox whose tasks see the host's file system: by a
// symbolic link. The data becomes the account's, nil being the agent's own; a
// shared volume stays with the first user it was given to. A link that is there
// is left. That a volume is read-only cannot be enforced this way.
func Link(sandbox string, m Mount, a *launch.Account) error {
	target := filepath.Clean(m.Target)
	if filepath.IsAbs(m.Target) {
		rel, err := filepath.Rel(sandbox, target)
		if err != nil {
			return fmt.Errorf("%w: %q", ErrTarget, m.Target)
		}
		target = rel
	}
	if !filepath.IsLocal(target) || target == "." {
		return fmt.Errorf("%w: %q", ErrTarget, m.Target)
	}
	if err := give(m, a); err != nil {
		return err
	}
	// What is in the sandbox belongs to the task: a link in it must not lead
	// the agent elsewhere.
	root, err := os.OpenRoot(sandbox)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // it is only read
	if up := filepath.Dir(target); up != "." {
		if err := mkdirs(root, up, a); err != nil {
			return fmt.Errorf("place of volume %q: %w", m.Target, err)
		}
	}
	err = root.Symlink(m.Path, target)
	if errors.Is(err, fs.ErrExist) {
		if old, readErr := root.Readlink(target); readErr == nil && old == m.Path {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("place of volume %q: %w", m.Target, err)
	}
	return nil
}

// mkdirs makes the directories of a path, those that are new for the account.
func mkdirs(root *os.Root, path string, a *launch.Account) error {
	at := ""
	for part := range strings.SplitSeq(path, string(filepath.Separator)) {
		at = filepath.Join(at, part)
		err := root.Mkdir(at, 0o755)
		switch {
		case errors.Is(err, fs.ErrExist):
			continue
		case err == nil && a != nil:
			err = root.Lchown(at, int(a.UID), int(a.GID))
		}
		if err != nil {
			return err
		}
	}
	// What was there may be no directory.
	info, err := root.Stat(path)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is no directory", path)
	}
	return err
}

// give makes the account the owner of the volume's directory.
func give(m Mount, a *launch.Account) error {
	info, err := os.Stat(m.Path)
	if err != nil {
		return fmt.Errorf("data of volume %q: %w", m.Target, err)
	}
	uid, gid := os.Geteuid(), os.Getegid()
	if a != nil {
		uid, gid = int(a.UID), int(a.GID)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == uid || m.Shared && int(owner.Uid) != os.Geteuid() {
		return nil
	}
	if err := os.Chown(m.Path, uid, gid); err != nil {
		return fmt.Errorf("data of volume %q: %w", m.Target, err)
	}
	return nil
}

// LinkAs is Link for the user of that name, "" being the agent's own.
func (d *Dir) LinkAs(sandbox string, m Mount, user string) error {
	a, err := launch.LookupAccount(user)
	if err != nil {
		return err
	}
	return Link(sandbox, m, a)
}
