package volume

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"mesos/isolators/disk"
	"mesos/messages/resources"
)

// imageSuffix is of the name under which the file system of a volume waits for its
// deletion, beside what it was mounted on.
const imageSuffix = ".image"

// volume is the file system of a volume, if it has one of its own.
func (p place) volume() disk.Volume {
	role, id := filepath.Split(p.path)
	return disk.Volume{Dir: p.path, Image: filepath.Join(p.base, "volumes", "images", filepath.Base(role), id)}
}

func sizeOf(v resources.Resource) uint64 {
	const megabyte = 1 << 20
	return uint64(v.Quantity().Float() * megabyte)
}

// Resize has a volume be as large as its resource says. One that is a plain directory
// has no size. If it fails, as one that would not hold the data does, the volume is as
// it was.
func (d *Dir) Resize(v resources.Resource) error {
	p, err := placeOf(d.workDir, v)
	if err != nil || p.whole {
		return err
	}
	if err := p.volume().Resize(context.Background(), sizeOf(v)); err != nil { // which gives up by itself
		return fmt.Errorf("volume %q: %w", v.PersistenceID(), err)
	}
	return nil
}

// setImageAside takes the file system of a volume out of its place. Done a second
// time, or for a plain directory, it does nothing.
func (p place) setImageAside(to string) error {
	v := p.volume()
	if err := v.Detach(); err != nil {
		return err
	}
	if err := os.Rename(v.Image, to+imageSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, v.Mount())
	}
	return nil
}

// takeImageBack undoes it.
func (p place) takeImageBack(to string) error {
	v := p.volume()
	if err := os.Rename(to+imageSuffix, v.Image); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return v.Mount()
}
