package files

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// Files is a table of virtual paths and what they show. Make one with New; all methods are safe for concurrent use.
type Files struct {
	names *names

	mu       sync.RWMutex
	attached map[string]string // clean virtual path → absolute real path without symbolic links
}

// New makes an empty table.
func New() *Files {
	return &Files{names: newNames(), attached: map[string]string{}}
}

// Attach shows the existing file or directory real under virtual, in place of what was there before. Symbolic links in
// real are followed now, not later.
func (f *Files) Attach(virtual, real string) error {
	key := clean(virtual)
	if key == "" {
		return fmt.Errorf("attach %q: %w: want a virtual path that names something", virtual, ErrInvalid)
	}
	absolute, err := filepath.Abs(real)
	if err != nil {
		return fmt.Errorf("attach %q: %w", virtual, err)
	}
	resolved, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return fmt.Errorf("attach %q: %w", virtual, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attached[key] = resolved
	return nil
}

// Detach stops showing virtual. Detaching what is not attached does nothing.
func (f *Files) Detach(virtual string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.attached, clean(virtual))
}

// Attached returns a copy of the table: virtual path to real path.
func (f *Files) Attached() map[string]string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return maps.Clone(f.attached)
}

// clean drops doubled and trailing slashes and single points, and leaves ".." where it is: what that means is decided
// inside the attached directory, where symbolic links count.
func clean(virtual string) string {
	var b strings.Builder
	for s := range strings.SplitSeq(virtual, "/") {
		if s == "" || s == "." {
			continue
		}
		if b.Len() > 0 || strings.HasPrefix(virtual, "/") {
			b.WriteByte('/')
		}
		b.WriteString(s)
	}
	return b.String()
}

// Shown is the attached path that leads to virtual, "" if none does.
func (f *Files) Shown(virtual string) string {
	_, rest, ok := f.lookup(virtual)
	if !ok {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(clean(virtual), rest), "/")
}

// lookup finds the longest attached path that leads to virtual and what is left behind it ("" for itself).
func (f *Files) lookup(virtual string) (real, rest string, ok bool) {
	path := clean(virtual)
	f.mu.RLock()
	defer f.mu.RUnlock()
	for end := len(path); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		if real, ok = f.attached[path[:end]]; ok {
			return real, strings.TrimPrefix(path[end:], "/"), true
		}
	}
	return "", "", false
}

// place is one found path: a directory that cannot be left, and a name in it.
type place struct {
	virtual string
	root    *os.Root
	name    string
}

func (p *place) close() { _ = p.root.Close() } // a directory handle has nothing left to lose

// find opens the attached directory that holds virtual; for an attached file, the directory it lies in.
func (f *Files) find(virtual string) (*place, error) {
	if virtual == "" {
		return nil, fmt.Errorf("%w: the parameter path is missing", ErrInvalid)
	}
	real, rest, ok := f.lookup(virtual)
	if !ok {
		return nil, fmt.Errorf("path %q: %w", virtual, ErrNotFound)
	}
	info, err := os.Stat(real)
	if err != nil {
		return nil, classify(virtual, err)
	}
	directory, name := real, rest
	switch {
	case info.IsDir() && rest == "":
		name = "."
	case !info.IsDir() && rest != "":
		return nil, fmt.Errorf("path %q: %w", virtual, ErrNotFound)
	case !info.IsDir():
		directory, name = filepath.Dir(real), filepath.Base(real)
	}
	root, err := os.OpenRoot(directory)
	if err != nil {
		return nil, classify(virtual, err)
	}
	return &place{virtual: clean(virtual), root: root, name: inside(root, directory, name)}, nil
}

// inside gives another name to what absolute links make of a name, as long as
// that is in the directory: an os.Root follows no absolute link, wherever it
// leads. Executors link tasks to their sandboxes so. What comes out is opened
// through the root like any name, so a link that changes meanwhile gains nothing.
func inside(root *os.Root, directory, name string) string {
	_, err := root.Stat(name)
	var errno syscall.Errno
	if err == nil || errors.As(err, &errno) || strings.Contains("/"+name+"/", "/../") {
		return name
	}
	resolved, err := filepath.EvalSymlinks(filepath.Join(directory, name))
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(directory, resolved); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}
