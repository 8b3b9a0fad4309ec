package localprovider

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Disks is the file system of a pool. All of it can be repeated after a crash.
type Disks interface {
	// Load and Save keep the state of the pool; Save is durable. Load returns nil if nothing was saved.
	Load() ([]byte, error)
	Save(state []byte) error
	// Make makes the directory of a disk.
	Make(id string) error
	// Remove deletes it with all that is in it.
	Remove(id string) error
	// There says why a disk cannot be used.
	There(id string) error
	// MakeVolume and ClearVolume make the place of a persistent volume and delete its data.
	MakeVolume(v resources.Resource) error
	ClearVolume(v resources.Resource) error
}

// carryOut lets the disk follow a plan.
func carryOut(d Disks, t v1.Offer_Operation_Type, x plan) error {
	switch t {
	case v1.Offer_Operation_CREATE_DISK:
		return d.Make(x.disk)
	case v1.Offer_Operation_DESTROY_DISK:
		return d.Remove(x.disk)
	case v1.Offer_Operation_CREATE:
		return eachVolume(x.Converted, d.MakeVolume)
	case v1.Offer_Operation_DESTROY:
		return eachVolume(x.Consumed, d.ClearVolume)
	}
	return nil
}

func eachVolume(r resources.Resources, f func(resources.Resource) error) error {
	for v := range r.Volumes().All() {
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

// fileDisks is a pool in a directory: its state in provider.json, disks below disks/.
type fileDisks struct {
	root    string
	volumes volumes
}

// volumes is what a pool needs of package volume.
type volumes interface {
	Create(v resources.Resource) error
	SetAside(v resources.Resource, tag string) error
	Delete(v resources.Resource, tag string) error
}

func (d fileDisks) stateFile() string       { return filepath.Join(d.root, "provider.json") }
func (d fileDisks) dir() string             { return filepath.Join(d.root, "disks") }
func (d fileDisks) path(id string) string   { return filepath.Join(d.dir(), filepath.Base(id)) }
func (d fileDisks) Save(state []byte) error { return writeFile(d.stateFile(), state) }

func (d fileDisks) Load() ([]byte, error) {
	text, err := os.ReadFile(d.stateFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

func (d fileDisks) Make(id string) error {
	if err := os.MkdirAll(d.path(id), 0o755); err != nil {
		return err
	}
	return syncDir(d.dir())
}

func (d fileDisks) Remove(id string) error { return os.RemoveAll(d.path(id)) }

func (d fileDisks) There(id string) error {
	if info, err := os.Stat(d.path(id)); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is no directory", d.path(id))
	}
	return nil
}

func (d fileDisks) MakeVolume(v resources.Resource) error { return d.volumes.Create(v) }

func (d fileDisks) ClearVolume(v resources.Resource) error {
	const tag = "pool" // operations of a pool come one after another
	if err := d.volumes.SetAside(v, tag); err != nil {
		return err
	}
	return d.volumes.Delete(v, tag)
}
