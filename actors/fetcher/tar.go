package fetcher

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// tar unpacks a tape archive. Owners, set-id bits and devices of the archive
// do not count here: all belongs to the command's user.
func (a *archive) tar(r io.Reader) error {
	t := tar.NewReader(a.bounded(r))
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if err := a.entry(); err != nil {
			return err
		}
		if err := a.tarEntry(h, t); err != nil {
			return err
		}
	}
}

func (a *archive) tarEntry(h *tar.Header, body io.Reader) error {
	name, err := entryName(h.Name)
	if err != nil {
		return err
	}
	mode := fs.FileMode(h.Mode).Perm()
	switch h.Typeflag {
	case tar.TypeDir:
		return a.dir(name, mode)
	case tar.TypeReg:
		if err := a.put(name, mode, body); err != nil {
			return err
		}
		return a.root.Chtimes(name, h.ModTime, h.ModTime)
	case tar.TypeSymlink:
		return a.symlink(name, h.Linkname)
	case tar.TypeLink:
		to, err := entryName(h.Linkname)
		if err != nil {
			return fmt.Errorf("target of hard link %q: %w", h.Name, err)
		}
		return a.link(name, to)
	}
	return fmt.Errorf("%w: entry %q is of type %q; only files, directories and links are unpacked", ErrUnsafe, h.Name, string(h.Typeflag))
}
