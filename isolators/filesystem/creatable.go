package filesystem

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ParseCreatable reads the directories of --host_path_volume_force_creation, separated by colons.
func ParseCreatable(text string) (out []string, err error) {
	if text == "" {
		return nil, nil
	}
	for dir := range strings.SplitSeq(text, ":") {
		if !filepath.IsAbs(dir) {
			return nil, fmt.Errorf("%q: want absolute paths of directories, separated by colons", dir)
		}
		out = append(out, filepath.Clean(dir))
	}
	return out, nil
}

// create makes a directory of the machine that is not there, if it lies below one of those in which that may be. Containers
// that have such a directory as a volume could have put links into it: none is followed out of it.
func (f *Linux) create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // if it cannot be used, the mount tells why
	}
	for _, dir := range f.o.Creatable {
		rel, err := filepath.Rel(dir, path)
		if err != nil || !filepath.IsLocal(rel) || rel == "." {
			continue
		}
		if err := createBelow(dir, rel); err != nil {
			return fmt.Errorf("source %q: %w", path, err)
		}
		return nil
	}
	return nil
}

func createBelow(dir, rel string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	return errors.Join(root.MkdirAll(rel, 0o755), root.Close())
}
