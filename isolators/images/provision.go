package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Names of --image_provisioner_backend.
const (
	Overlay = "overlay"
	Copy    = "copy"
)

// Provisioner makes file systems of images for containers.
type Provisioner struct {
	store   *Store
	dir     string
	backend string

	mu         sync.Mutex
	containers map[string][]func() // releases, by container
}

// Root is a file system for one container, made of an image.
type Root struct {
	Image *Image
	Dir   string // where it is mounted, or lies
	Upper string // where what is put into it beforehand belongs: Dir itself for a copy

	mount *boot.Mount // nil for a copy
	store *Store
}

// NewProvisioner makes one in workDir. A backend of "" is overlay where that
// works, else copy. Errors say what the machine lacks.
func NewProvisioner(store *Store, workDir, backend string) (*Provisioner, error) {
	p := &Provisioner{store: store, dir: filepath.Join(workDir, "provisioner"), backend: backend, containers: map[string][]func(){}}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, fmt.Errorf("provisioner: %w", err)
	}
	switch backend {
	case Copy:
	case Overlay, "":
		err := errors.Join(mountable(p.dir), tryOverlay(p.dir))
		switch {
		case err == nil:
			p.backend = Overlay
		case backend == Overlay:
			return nil, fmt.Errorf("image_provisioner_backend overlay: %w: use copy", err)
		default:
			store.log.Info("root file systems are copied: overlay does not work", "error", err)
			p.backend = Copy
		}
	default:
		return nil, fmt.Errorf("image_provisioner_backend %q is not supported: want %s or %s", backend, Overlay, Copy)
	}
	return p, nil
}

// Backend is the name of the one in use.
func (p *Provisioner) Backend() string { return p.backend }

func (p *Provisioner) path(id string) string { return filepath.Join(p.dir, "containers", id) }

// Recover takes up the containers that live, and removes what is left of others.
func (p *Provisioner) Recover(live []string) error {
	found, err := os.ReadDir(filepath.Join(p.dir, "containers"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("provisioner: %w", err)
	}
	for _, f := range found {
		if !slices.Contains(live, f.Name()) {
			if err := os.RemoveAll(p.path(f.Name())); err != nil {
				return fmt.Errorf("provisioner: %w", err)
			}
			continue
		}
		files, err := filepath.Glob(filepath.Join(p.path(f.Name()), "*", "image"))
		if err != nil {
			return err
		}
		for _, file := range files {
			img, err := readImage(file)
			if err != nil {
				return fmt.Errorf("provisioner: image of container %s: %w", f.Name(), err)
			}
			p.add(f.Name(), p.store.reuse(img.Layers))
		}
	}
	return nil
}

func (p *Provisioner) add(id string, release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.containers[id] = append(p.containers[id], release)
}

// Provision makes a file system of an image for a container, which may have
// several. Remove removes them all, also after an error.
func (p *Provisioner) Provision(ctx context.Context, id string, want *v1.Image) (*Root, error) {
	img, release, err := p.store.Get(ctx, want)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.containers[id] = append(p.containers[id], release)
	n := len(p.containers[id])
	p.mu.Unlock()
	dir := filepath.Join(p.path(id), strconv.Itoa(n))
	r := &Root{Image: img, Dir: filepath.Join(dir, "root"), store: p.store}
	for _, d := range []string{dir, r.Dir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, full(err, p.dir)
		}
	}
	b, err := json.Marshal(img)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "image"), b, 0o600)
	}
	if err == nil {
		err = p.make(ctx, r, dir)
	}
	return r, full(err, p.dir)
}

// make makes the file system.
func (p *Provisioner) make(ctx context.Context, r *Root, dir string) error {
	if p.backend == Overlay {
		ok, err := r.overlay(dir)
		if ok || err != nil {
			return err
		}
		// More layers than one mount can name are copied.
	}
	r.Upper = r.Dir
	for _, l := range r.Image.Layers {
		if err := CopyTree(ctx, r.store.layerPath(l), r.Dir); err != nil {
			return fmt.Errorf("copy of layer %s: %w", l, err)
		}
	}
	return nil
}

// overlay says how the layers are to be mounted; not ok if they are too many.
func (r *Root) overlay(dir string) (ok bool, err error) {
	r.Upper = filepath.Join(dir, "upper")
	work := filepath.Join(dir, "work")
	for _, d := range []string{r.Upper, work} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return false, err
		}
	}
	lower := make([]string, 0, len(r.Image.Layers))
	for _, l := range slices.Backward(r.Image.Layers) { // overlay has the topmost first
		lower = append(lower, r.store.layerPath(l))
	}
	if len(lower) == 0 {
		return false, nil
	}
	if err := likeRoot(lower[0], r.Upper); err != nil {
		return false, err
	}
	data := "lowerdir=" + strings.Join(lower, ":") + ",upperdir=" + r.Upper + ",workdir=" + work
	if len(data) >= os.Getpagesize() {
		return false, nil
	}
	r.mount = &boot.Mount{Source: "overlay", Type: "overlay", Data: data}
	return true, nil
}

// likeRoot gives a directory owner and rights of another.
func likeRoot(from, to string) error {
	var is unix.Stat_t
	if err := unix.Stat(from, &is); err != nil {
		return err
	}
	return errors.Join(unix.Chown(to, int(is.Uid), int(is.Gid)), unix.Chmod(to, is.Mode&0o7777))
}

// Mounts are those that bring the file system to a target, in the namespace of
// the container's first process. As the root, a copy needs none.
func (r *Root) Mounts(target string, readOnly bool) []boot.Mount {
	m := boot.Mount{Source: r.Dir, Flags: unix.MS_BIND}
	switch {
	case r.mount != nil:
		m = *r.mount
	case target == "/":
		return nil
	}
	m.Target, m.Make, m.Owned = target, target != "/", true
	m.Flags |= unix.MS_NODEV
	if readOnly {
		m.Flags |= unix.MS_RDONLY
	}
	return []boot.Mount{m}
}

// Remove removes all that was made for a container, whose processes are dead.
func (p *Provisioner) Remove(id string) error {
	if err := os.RemoveAll(p.path(id)); err != nil {
		return fmt.Errorf("root file system of container %s: %w", id, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, release := range p.containers[id] {
		release()
	}
	delete(p.containers, id)
	return nil
}

// full says plainly that a disk is.
func full(err error, dir string) error {
	if errors.Is(err, unix.ENOSPC) {
		return fmt.Errorf("the disk of %s is full: %w", dir, err)
	}
	return err
}

// mountable refuses directories that overlay's options could not name.
func mountable(dir string) error {
	if !filepath.IsAbs(dir) || strings.ContainsAny(dir, `:,\`) {
		return fmt.Errorf("%q: want an absolute path without ':', ',' and '\\', which mount options could not hold", dir)
	}
	return nil
}
