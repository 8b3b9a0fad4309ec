package localprovider

import (
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"

	"mesos/actors/volume"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// DirectoryType is the type of pools of directories. Their configuration is in
// attributes:
//
//	path     text     absolute path of a directory that is there and that nothing else uses
//	size_mb  scalar   MB that disks may have together
//	profile  text     disk.source.profile of what is offered; "directory" if left out
//
// and in default_reservations. Beside a size that shrinks below what is in use
// all can be changed, but the path: a pool begins empty in another directory.
const DirectoryType = "org.mesos.rp.local.directory"

// directoryConfig is what the attributes of a pool say.
type directoryConfig struct {
	path, profile string
	size          resources.Quantity
}

func readDirectory(info *v1.ResourceProviderInfo) (directoryConfig, error) {
	c := directoryConfig{profile: "directory"}
	for i, a := range info.GetAttributes() {
		field := fmt.Sprintf("info.attributes[%d]", i)
		switch a.GetName() {
		case "path", "profile":
			if a.GetText().GetValue() == "" {
				return c, fmt.Errorf("%s: %s must be of type TEXT and not empty", field, a.GetName())
			}
			if a.GetName() == "path" {
				c.path = filepath.Clean(a.GetText().GetValue())
			} else {
				c.profile = a.GetText().GetValue()
			}
		case "size_mb":
			v := a.GetScalar().GetValue()
			if a.Scalar == nil || math.IsNaN(v) || v < 1 || v > 1e12 {
				return c, fmt.Errorf("%s: size_mb %v must be a SCALAR from 1 to 1e12", field, v)
			}
			c.size = resources.FromFloat(v)
		default:
			return c, fmt.Errorf("%s.name %.100q is not known: it must be path, size_mb or profile", field, a.GetName())
		}
	}
	switch {
	case info.Storage != nil:
		return c, fmt.Errorf("info.storage must not be set: type %s has no plugin", DirectoryType)
	case !filepath.IsAbs(c.path):
		return c, fmt.Errorf("info.attributes: path %q must be an absolute path", c.path)
	case c.size == 0:
		return c, fmt.Errorf("info.attributes: size_mb is missing: it says how many MB disks may have together")
	}
	return c, nil
}

// checkDirectory refuses a pool that could not start, also for what is in its directory.
func checkDirectory(info *v1.ResourceProviderInfo) error {
	c, err := readDirectory(info)
	if err != nil {
		return err
	}
	if stat, err := os.Stat(c.path); err != nil {
		return fmt.Errorf("info.attributes: path: %w", err)
	} else if !stat.IsDir() {
		return fmt.Errorf("info.attributes: path %q is no directory", c.path)
	}
	if _, _, err := c.open(info); err != nil {
		return fmt.Errorf("info.attributes: %w", err)
	}
	return nil
}

func placeOfDirectory(info *v1.ResourceProviderInfo) string {
	c, _ := readDirectory(info) // it was checked
	return c.path
}

// open takes up what the pool's directory has; gone says that it was marked so.
func (c directoryConfig) open(info *v1.ResourceProviderInfo) (p *Pool, gone bool, err error) {
	return OpenPool(info, PoolOptions{
		Size: c.size, Profile: c.profile, Root: filepath.Join(c.path, "disks"), Disks: fileDisks{c.path, volume.New(c.path)},
	})
}

func newDirectory(info *v1.ResourceProviderInfo, afresh bool, log *slog.Logger) (Provider, error) {
	c, err := readDirectory(info)
	if err != nil {
		return nil, err
	}
	p, gone, err := c.open(info)
	if err != nil {
		return nil, err
	}
	if gone && !afresh {
		return nil, fmt.Errorf("the pool in %s was marked gone by an operator: update its configuration to begin anew", c.path)
	}
	p.log = log
	return p, nil
}
