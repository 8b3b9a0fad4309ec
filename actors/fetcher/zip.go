package fetcher

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

func (a *archive) zip() error {
	info, err := a.f.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(a.f, info.Size())
	if err != nil {
		return err
	}
	for _, e := range z.File {
		if err := a.entry(); err != nil {
			return err
		}
		if err := a.zipEntry(e); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) zipEntry(e *zip.File) error {
	const encrypted = 1
	if e.Flags&encrypted != 0 {
		return fmt.Errorf("entry %q is encrypted", e.Name)
	}
	name, err := entryName(e.Name)
	if err != nil {
		return err
	}
	if strings.HasSuffix(e.Name, "/") {
		return a.dir(name, e.Mode())
	}
	switch e.Mode().Type() {
	case 0, fs.ModeSymlink:
	default:
		return fmt.Errorf("%w: entry %q is of type %s; only files, directories and links are unpacked", ErrUnsafe, e.Name, e.Mode().Type())
	}
	r, err := e.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	if e.Mode().Type() == fs.ModeSymlink {
		const longest = 4096 // PATH_MAX
		to, err := io.ReadAll(io.LimitReader(r, longest))
		if err != nil {
			return err
		}
		return a.symlink(name, string(to))
	}
	mode := e.Mode().Perm()
	if mode == 0 { // packed where files have no modes
		mode = 0o644
	}
	if err := a.put(name, mode, r); err != nil {
		return err
	}
	return a.root.Chtimes(name, e.Modified, e.Modified)
}
