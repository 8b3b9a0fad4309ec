package fetcher

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"mesos/actors/containerizer/launch"
)

// ErrUnsafe is wrapped when an archive, or an output_file, reaches out of the
// sandbox.
var ErrUnsafe = errors.New("unsafe")

// writer makes files in one sandbox and nowhere else.
type writer struct {
	root    *os.Root
	account *launch.Account
	links   []string // every link made, to be followed once more
}

// reserved names are those that the containerizer holds open.
func reserved(name string) bool { return name == "stdout" || name == "stderr" }

// entryName turns the name of an archive's entry into a path relative to the
// sandbox, "." for the sandbox itself.
func entryName(name string) (string, error) {
	switch {
	case strings.ContainsRune(name, 0):
		return "", fmt.Errorf("%w: name %q holds a NUL byte", ErrUnsafe, name)
	case path.IsAbs(name):
		return "", fmt.Errorf("%w: name %q is absolute; only names within the sandbox are allowed", ErrUnsafe, name)
	}
	for _, e := range strings.Split(name, "/") {
		if e == ".." {
			return "", fmt.Errorf("%w: name %q goes upwards; only names within the sandbox are allowed", ErrUnsafe, name)
		}
	}
	clean := path.Clean(name)
	if reserved(clean) {
		return "", fmt.Errorf("%w: name %q is the sandbox's own file", ErrUnsafe, name)
	}
	return clean, nil
}

// file writes one file in place of whatever had its name; max bounds its bytes
// unless negative. A file that could not be written whole is removed.
func (w *writer) file(name string, mode fs.FileMode, r io.Reader, max int64) error {
	_, err := w.counted(name, mode, r, max)
	return err
}

// counted is file that also gives the bytes written.
func (w *writer) counted(name string, mode fs.FileMode, r io.Reader, max int64) (n int64, err error) {
	f, err := w.create(name)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			_ = w.root.Remove(name) // err is the reason that counts
		}
	}()
	done, err := readable(f)
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	defer func() { _ = done.Close() }() // only read from
	n, err = fill(f, r, max)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return n, err
	}
	awaitClosed(done) // it may be a program
	return n, w.finish(done, mode)
}

// fill copies r into a new file; max bounds the bytes unless negative.
func fill(f *os.File, r io.Reader, max int64) (n int64, err error) {
	if max >= 0 {
		r = io.LimitReader(r, max+1)
	}
	if n, err = io.Copy(f, r); err != nil {
		return n, err
	}
	if max >= 0 && n > max {
		return n, ErrTooLarge
	}
	return n, nil
}

// finish gives a file to its owner. The mode is exact, whatever the umask.
func (w *writer) finish(f *os.File, mode fs.FileMode) error {
	if a := w.account; a != nil {
		if err := f.Chown(int(a.UID), int(a.GID)); err != nil {
			return err
		}
	}
	return f.Chmod(mode.Perm())
}

// create makes a new file, never opening one that is there: it could be a link
// or a pipe.
func (w *writer) create(name string) (*os.File, error) {
	if err := w.dir(path.Dir(name), 0o755); err != nil {
		return nil, err
	}
	if err := w.clear(name); err != nil {
		return nil, err
	}
	return w.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// clear removes what is in the way of a new entry; a directory stays and is an
// error.
func (w *writer) clear(name string) error {
	info, err := w.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%q is already a directory", name)
	}
	return w.root.Remove(name)
}

// dir makes a directory and those above it; one that is there stays as it is.
func (w *writer) dir(name string, mode fs.FileMode) error {
	if name == "." {
		return nil
	}
	if info, err := w.root.Stat(name); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("%q is a file, and a directory is needed", name)
		}
		return nil
	}
	if err := w.dir(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := w.root.Mkdir(name, 0o755); err != nil {
		return err
	}
	if err := w.own(name); err != nil {
		return err
	}
	return w.root.Chmod(name, mode.Perm()|0o700) // files must be able to go in
}

// symlink makes a link that leads to a place in the sandbox. What the target
// passes on its way may change later, so check follows it again at the end.
func (w *writer) symlink(name, to string) error {
	if path.IsAbs(to) || !within(path.Join(path.Dir(name), to)) || strings.ContainsRune(to, 0) || to == "" {
		return fmt.Errorf("%w: link %q leads to %q, out of the sandbox", ErrUnsafe, name, to)
	}
	if err := w.dir(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := w.clear(name); err != nil {
		return err
	}
	if err := w.root.Symlink(to, name); err != nil {
		return err
	}
	w.links = append(w.links, name)
	return w.own(name)
}

func within(p string) bool { return p != ".." && !strings.HasPrefix(p, "../") }

// link gives a file of the sandbox a second name.
func (w *writer) link(name, to string) error {
	if err := w.dir(path.Dir(name), 0o755); err != nil {
		return err
	}
	if name == to {
		return nil
	}
	if err := w.clear(name); err != nil {
		return err
	}
	if err := w.root.Link(to, name); err != nil {
		return err
	}
	w.links = append(w.links, name) // a second name of a link starts elsewhere
	return nil
}

func (w *writer) own(name string) error {
	if w.account == nil {
		return nil
	}
	return w.root.Lchown(name, int(w.account.UID), int(w.account.GID))
}

// check follows all links. Those that lead out, now that all of them are there,
// are removed and the last is an error; one that leads nowhere is allowed.
func (w *writer) check() (err error) {
	for _, l := range w.links {
		if _, e := w.root.Stat(l); e != nil && !errors.Is(e, fs.ErrNotExist) {
			e = errors.Join(e, w.root.Remove(l))
			err = fmt.Errorf("%w: link %q leads out of the sandbox or in a circle: %w", ErrUnsafe, l, e)
		}
	}
	return err
}
