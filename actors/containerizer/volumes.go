package containerizer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mesos/actors/containerizer/launch"
	v1 "mesos/messages/mesos/v1"
)

// ErrVolume is wrapped when a container cannot have a volume that it asks for.
var ErrVolume = errors.New("volume")

// linkVolumes makes the volumes that are paths of sandboxes: a directory of the
// container's own sandbox (SELF) or of that around it (PARENT), which tasks of
// a pod so share, is made if need be and known in the sandbox under the volume's
// container_path. Volumes of other sources are not this containerizer's. The
// sandboxes above belong to users, who could have put links there: none is
// followed out of the outermost one.
func linkVolumes(c Config, a *launch.Account) error {
	outermost := c.Sandbox
	for range strings.Count(c.ContainerID, ".") {
		outermost = filepath.Dir(filepath.Dir(outermost))
	}
	for i, v := range c.Volumes {
		s := v.GetSource().GetSandboxPath()
		if v.GetSource().GetType() != v1.Volume_Source_SANDBOX_PATH || c.Session {
			continue
		}
		from := c.Sandbox
		var err error
		switch s.GetType() {
		case v1.Volume_Source_SandboxPath_SELF:
		case v1.Volume_Source_SandboxPath_PARENT:
			if _, nested := parent(c.ContainerID); !nested {
				err = errors.New("source.sandbox_path.type PARENT is for containers within another")
			}
			from = filepath.Dir(filepath.Dir(c.Sandbox))
		default:
			err = errors.New("source.sandbox_path.type must be SELF or PARENT")
		}
		if err == nil {
			err = linkVolume(outermost, c.Sandbox, from, v, a)
		}
		if err != nil {
			return fmt.Errorf("%w: container.volumes[%d]: %w", ErrVolume, i, err)
		}
	}
	return nil
}

// linkVolume makes one volume: the directory in from, and the link in sandbox.
func linkVolume(outermost, sandbox, from string, v *v1.Volume, a *launch.Account) error {
	path, at := v.GetSource().GetSandboxPath().GetPath(), v.GetContainerPath()
	switch {
	case !filepath.IsLocal(path):
		return fmt.Errorf("source.sandbox_path.path %q must be a relative path that stays in the sandbox", path)
	case !filepath.IsLocal(at) || filepath.Clean(at) == ".":
		return fmt.Errorf("container_path %q must be a relative path in the sandbox: without a file system of its own a container has no other place", at)
	case v.GetMode() == v1.Volume_RO:
		return fmt.Errorf("container_path %q: mode RO needs a container with a file system of its own; use RW", at)
	}
	root, err := os.OpenRoot(outermost)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing was written through it
	rel := func(p string) string {      // of a path below the outermost sandbox: cannot fail
		r, _ := filepath.Rel(outermost, p)
		return r
	}
	target, link := filepath.Join(rel(from), path), filepath.Join(rel(sandbox), at)
	if err := makeOwned(root, target, a); err != nil {
		return err
	}
	if err := makeOwned(root, filepath.Dir(link), a); err != nil {
		return err
	}
	to, err := filepath.Rel(filepath.Dir(link), target)
	if err != nil {
		return err
	}
	if err := root.Symlink(to, link); err != nil {
		return fmt.Errorf("container_path %q: %w", at, err)
	}
	return nil
}

// makeOwned makes the directories on a path that are missing, for the user.
func makeOwned(root *os.Root, path string, a *launch.Account) error {
	done := ""
	for _, name := range strings.Split(filepath.Clean(path), string(filepath.Separator)) {
		done = filepath.Join(done, name)
		err := root.Mkdir(done, 0o755)
		switch {
		case err == nil && a != nil:
			err = root.Lchown(done, int(a.UID), int(a.GID))
		case errors.Is(err, fs.ErrExist):
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
