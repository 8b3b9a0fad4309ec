package volume

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mesos/messages/resources"
)

// Dir is the volumes of one agent. Its methods may be called from any goroutine;
// what concerns one volume must be called one after another.
type Dir struct {
	workDir string
	sized   bool // volumes are made with file systems of their own
}

// New makes the volumes of the agent with this work directory. Nothing is touched yet.
func New(workDir string) *Dir { return &Dir{workDir: workDir} }

// NewSized is New for an agent that makes volumes as file systems of their size, but
// for those that are whole disks.
func NewSized(workDir string) *Dir { return &Dir{workDir: workDir, sized: true} }

// aside is the beginning of the names under which data waits for its deletion.
const aside = ".destroyed-"

// Create makes the directory of a volume. One that is there stays as it is.
func (d *Dir) Create(v resources.Resource) error {
	p, err := placeOf(d.workDir, v)
	if err != nil {
		return err
	}
	if p.whole {
		if info, err := os.Stat(p.path); err != nil || !info.IsDir() {
			return fmt.Errorf("volume %q: the root %s of its MOUNT disk is no directory", v.PersistenceID(), p.path)
		}
		return nil
	}
	if err := os.MkdirAll(p.path, 0o755); err != nil {
		return fmt.Errorf("volume %q: %w", v.PersistenceID(), err)
	}
	if !d.sized {
		return nil
	}
	if err := p.volume().Make(sizeOf(v)); err != nil {
		return fmt.Errorf("volume %q: %w", v.PersistenceID(), err)
	}
	return nil
}

// SetAside takes the data of a volume out of its place, under a name made of
// tag. Done a second time, or for a volume that was never made, it does nothing.
// If it fails the data is where it was.
func (d *Dir) SetAside(v resources.Resource, tag string) error {
	p, err := placeOf(d.workDir, v)
	if err != nil {
		return err
	}
	to := p.aside(tag)
	if p.whole {
		return empty(p.path, to)
	}
	if err := p.setImageAside(to); err != nil {
		return fmt.Errorf("volume %q: %w", v.PersistenceID(), err)
	}
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if err := os.Rename(p.path, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("volume %q: %w", v.PersistenceID(), err), p.takeImageBack(to))
	}
	return nil
}

// aside is where the data waits: on the same disk, so that a rename gets it there.
func (p place) aside(tag string) string {
	if p.whole {
		return filepath.Join(p.path, aside+tag)
	}
	return filepath.Join(p.base, "volumes", aside+tag)
}

// empty moves all that is in dir to the directory to, which is in it.
func empty(dir, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var moved []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), aside) || e.Name() == "lost+found" {
			continue
		}
		if err := os.Rename(filepath.Join(dir, e.Name()), filepath.Join(to, e.Name())); err != nil {
			for _, name := range moved {
				err = errors.Join(err, os.Rename(filepath.Join(to, name), filepath.Join(dir, name)))
			}
			return err
		}
		moved = append(moved, e.Name())
	}
	return nil
}

// Delete deletes what was set aside under tag. It takes as long as the data is large.
func (d *Dir) Delete(v resources.Resource, tag string) error {
	p, err := placeOf(d.workDir, v)
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(p.aside(tag)), os.RemoveAll(p.aside(tag)+imageSuffix))
}

// Purge finds what was set aside on the disks of an agent, under other tags than
// those excepted, and that an earlier run had no time to delete. It is deleted by
// calling remove.
func (d *Dir) Purge(total resources.Resources, except map[string]bool) (remove func() error) {
	dirs := map[string]bool{filepath.Join(d.workDir, "volumes"): true}
	for r := range total.All() {
		if root := diskRoot(d.workDir, r); r.Disk().GetSource() != nil && root != "" {
			dirs[filepath.Join(root, "volumes")], dirs[root] = true, true
		}
	}
	var errs []error
	var found []string
	for dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		for _, e := range entries {
			if tag, is := strings.CutPrefix(e.Name(), aside); is && !except[strings.TrimSuffix(tag, imageSuffix)] {
				found = append(found, filepath.Join(dir, e.Name()))
			}
		}
	}
	return func() error {
		for _, path := range found {
			errs = append(errs, os.RemoveAll(path))
		}
		return errors.Join(errs...)
	}
}
