package images

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Directory sees to it that there is a directory at a path of the file system,
// and no link, which something can be mounted on.
func (r *Root) Directory(path string) error { return r.put(path, true) }

// File is Directory for an empty file. What the image has there is hidden.
func (r *Root) File(path string) error { return r.put(path, false) }

func (r *Root) put(path string, dir bool) error {
	root, err := os.OpenRoot(r.Upper)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	at, parts := "", strings.Split(strings.Trim(filepath.Clean(path), "/"), "/")
	for i, part := range parts {
		at = filepath.Join(at, part)
		if i == len(parts)-1 && !dir {
			err = errors.Join(root.RemoveAll(at), root.WriteFile(at, nil, 0o644))
		} else {
			err = plainDir(root, at)
		}
		if err != nil {
			return fmt.Errorf("%s in the container: %w", path, full(err, r.Upper))
		}
	}
	return nil
}

// plainDir makes a directory in place of what is not one.
func plainDir(root *os.Root, at string) error {
	info, err := root.Lstat(at)
	if err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		if err := root.Remove(at); err != nil {
			return err
		}
	}
	return root.Mkdir(at, 0o755)
}
