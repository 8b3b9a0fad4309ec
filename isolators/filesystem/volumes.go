package filesystem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// volume adds the mount of one volume. Errors name the field within it.
func (f *Linux) volume(ctx context.Context, c isolators.Container, l *boot.Launch, n int, v *v1.Volume) error {
	if v.GetContainerPath() == "" {
		return errors.New("container_path must be set")
	}
	if image := imageOf(v); image != nil {
		return f.imageVolume(ctx, c, l, v, image)
	}
	source, box, err := f.source(c, n, v)
	if err != nil || source == "" {
		return err
	}
	info, err := os.Stat(source)
	if err != nil {
		return fmt.Errorf("source of container_path %q: %w", v.GetContainerPath(), err)
	}
	target, outside, err := f.target(c, l, v.GetContainerPath(), info.IsDir())
	if err != nil {
		return fmt.Errorf("container_path %q: %w", v.GetContainerPath(), err)
	}
	m := boot.Mount{Source: source, Within: box, Target: target, Flags: unix.MS_BIND | unix.MS_REC, Make: outside && l.Rootfs != ""}
	m.Owned = box != "" || v.GetSource().GetType() == v1.Volume_Source_SECRET
	if v.GetMode() == v1.Volume_RO {
		m.Flags |= unix.MS_RDONLY
	}
	l.Mounts = append(l.Mounts, m)
	return nil
}

// imageOf is the image that a volume is made of, nil if it is none.
func imageOf(v *v1.Volume) *v1.Image {
	if v.GetSource() == nil {
		return v.GetImage()
	}
	return nil
}

func (f *Linux) imageVolume(ctx context.Context, c isolators.Container, l *boot.Launch, v *v1.Volume, image *v1.Image) error {
	if f.o.Images == nil {
		return fmt.Errorf("image: %w", ErrNoImages)
	}
	r, err := f.o.Images.Provision(ctx, c.ID, image)
	if err != nil {
		return fmt.Errorf("image: %w", err)
	}
	target, outside, err := f.target(c, l, v.GetContainerPath(), true)
	if err != nil {
		return fmt.Errorf("container_path %q: %w", v.GetContainerPath(), err)
	}
	mounts := r.Mounts(target, v.GetMode() == v1.Volume_RO)
	for i := range mounts {
		mounts[i].Make = outside && l.Rootfs != ""
	}
	l.Mounts = append(l.Mounts, mounts...)
	return nil
}

// source is the path on the machine of what is to be mounted, "" for volumes that
// are not this isolator's, and the sandbox that it must lie in, if it must.
func (f *Linux) source(c isolators.Container, n int, v *v1.Volume) (path, box string, err error) {
	s := v.GetSource()
	switch {
	case s == nil && v.GetHostPath() != "":
		if filepath.IsAbs(v.GetHostPath()) {
			path = filepath.Clean(v.GetHostPath())
			return path, "", f.create(path)
		}
		path, err = within(c.Sandbox, v.GetHostPath(), c.User)
		return path, c.Sandbox, err
	case s == nil:
		return "", "", errors.New("one of host_path, image and source must be set")
	case s.GetType() == v1.Volume_Source_HOST_PATH:
		if !filepath.IsAbs(s.GetHostPath().GetPath()) {
			return "", "", fmt.Errorf("source.host_path.path %q must be absolute", s.GetHostPath().GetPath())
		}
		path = filepath.Clean(s.GetHostPath().GetPath())
		return path, "", f.create(path)
	case s.GetType() == v1.Volume_Source_SANDBOX_PATH:
		return f.sandboxPath(c, s.GetSandboxPath())
	case s.GetType() == v1.Volume_Source_SECRET:
		path, err = f.secret(c, n, s.GetSecret())
		return path, "", err
	}
	return "", "", nil
}

func (f *Linux) sandboxPath(c isolators.Container, s *v1.Volume_Source_SandboxPath) (path, box string, err error) {
	switch s.GetType() {
	case v1.Volume_Source_SandboxPath_SELF:
		box = c.Sandbox
	case v1.Volume_Source_SandboxPath_PARENT:
		if _, nested := isolators.Parent(c.ID); !nested {
			return "", "", errors.New("source.sandbox_path.type PARENT is for containers within another")
		}
		box = filepath.Dir(filepath.Dir(c.Sandbox)) // a nested one's lies two directories below
	default:
		return "", "", errors.New("source.sandbox_path.type must be SELF or PARENT")
	}
	path, err = within(box, s.GetPath(), c.User)
	return path, box, err
}

// within makes a directory of a sandbox, whose owner could have put links there:
// none is followed out of it.
func within(sandbox, path string, owner *boot.User) (string, error) {
	if !filepath.IsLocal(path) {
		return "", fmt.Errorf("path %q of a sandbox must be relative and stay in it", path)
	}
	root, err := os.OpenRoot(sandbox)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	if err := makeOwned(root, path, owner); err != nil {
		return "", fmt.Errorf("path %q of a sandbox: %w", path, err)
	}
	return filepath.Join(sandbox, path), nil
}

// makeOwned makes the directories of a path that are missing.
func makeOwned(root *os.Root, path string, owner *boot.User) error {
	at := ""
	for part := range strings.SplitSeq(filepath.Clean(path), "/") {
		at = filepath.Join(at, part)
		err := root.Mkdir(at, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil && owner != nil {
			err = root.Lchown(at, owner.UID, owner.GID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// target is where a container sees a volume. One in the sandbox has its mount
// point made at once; outside of it says that it is elsewhere.
func (f *Linux) target(c isolators.Container, l *boot.Launch, path string, dir bool) (target string, outside bool, err error) {
	box := c.Sandbox
	if l.Rootfs != "" {
		box = f.o.Sandbox
	}
	if filepath.IsAbs(path) {
		if rel, err := filepath.Rel(box, path); err == nil && filepath.IsLocal(rel) && rel != "." {
			path = rel
		} else {
			return filepath.Clean(path), true, nil
		}
	}
	if !filepath.IsLocal(path) || filepath.Clean(path) == "." {
		return "", false, errors.New("must be absolute, or relative and stay in the sandbox")
	}
	root, err := os.OpenRoot(c.Sandbox)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = root.Close() }()
	up := filepath.Dir(path)
	if dir {
		up = path
	}
	if err := makeOwned(root, up, c.User); err != nil {
		return "", false, err
	}
	if !dir {
		file, err := root.OpenFile(path, os.O_CREATE|os.O_RDONLY|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return "", false, err
		}
		_ = file.Close()
	}
	return filepath.Join(box, path), false, nil
}

// secret writes one to a file that only the container's user can read.
func (f *Linux) secret(c isolators.Container, n int, s *v1.Secret) (string, error) {
	data, err := f.o.Secrets.Resolve(s)
	if err != nil {
		return "", fmt.Errorf("source.secret: %w", err)
	}
	dir := filepath.Join(f.scratch(c.ID), "secrets")
	if err := os.MkdirAll(f.o.Scratch, 0o711); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, strconv.Itoa(n))
	if err := os.WriteFile(path, data, 0o400); err != nil {
		return "", err
	}
	if c.User != nil {
		return path, os.Chown(path, c.User.UID, c.User.GID)
	}
	return path, nil
}
