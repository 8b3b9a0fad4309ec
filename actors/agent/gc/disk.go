package gc

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrMounted is wrapped when something is mounted below what is to be removed.
var ErrMounted = errors.New("something is mounted there")

// ErrNotOurs is wrapped when a path to be removed is no sandbox.
var ErrNotOurs = errors.New("no sandbox of a container")

// Disk is the work directory of an agent. Its methods may be called from any
// goroutine.
type Disk struct{ WorkDir string } // absolute

// Where sandboxes are below the work directory; see package sandbox. Any number of nesteds may follow either of the others.
const (
	layout     = "slaves/*/frameworks/*/executors/*/runs/*"
	standalone = "containers/*"
	nested     = "/containers/*"
)

// outermost splits the path of a sandbox, relative to the work directory, into that of the executor or the standalone
// container that it belongs to and the rest, "" for its own.
func outermost(rel string) (outer, rest string, ok bool) {
	for _, pattern := range []string{layout, standalone} {
		e := strings.Split(rel, "/")
		n := strings.Count(pattern, "/") + 1
		if len(e) < n {
			continue
		}
		outer, rest = strings.Join(e[:n], "/"), strings.Join(e[n:], "/")
		if ok, _ := filepath.Match(pattern, outer); !ok {
			continue
		}
		deep, _ := filepath.Match(strings.Repeat(nested, (len(e)-n)/2), "/"+rest)
		return outer, rest, rest == "" || deep
	}
	return "", "", false
}

// Find gives all sandboxes of executors, whoever made them, with their
// modification times for their ends.
func (d Disk) Find() ([]Found, error) {
	var found []Found
	err := d.walk(d.WorkDir, strings.Split(layout, "/"), func(path string, info fs.FileInfo) {
		found = append(found, Found{path, info.ModTime()})
	})
	if err != nil {
		return nil, fmt.Errorf("search for sandboxes: %w", err)
	}
	return found, nil
}

// walk visits the directories that match the elements, never through a link.
// What vanishes meanwhile is passed over.
func (d Disk) walk(dir string, elements []string, visit func(path string, info fs.FileInfo)) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || elements[0] != "*" && elements[0] != e.Name() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if len(elements) > 1 {
			if err := d.walk(path, elements[1:], visit); err != nil {
				return err
			}
		} else if info, err := e.Info(); err == nil {
			visit(path, info)
		}
	}
	return nil
}

// Usage is the share of the disk in use, from 0 to 1.
func (d Disk) Usage() (float64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.WorkDir, &s); err != nil {
		return 0, fmt.Errorf("usage of the disk of %s: %w", d.WorkDir, err)
	}
	if s.Blocks == 0 {
		return 0, nil
	}
	return 1 - float64(s.Bfree)/float64(s.Blocks), nil
}

// Touch notes on a sandbox that what ran in it ended.
func (d Disk) Touch(path string, ended time.Time) error {
	return os.Chtimes(path, ended, ended)
}

// Remove removes a sandbox, and if it is an executor's the directories above it
// that are empty then. One that is not there is removed.
func (d Disk) Remove(path string) error {
	rel, err := filepath.Rel(d.WorkDir, path)
	outer, rest, ok := outermost(rel)
	if err != nil || !ok || path != filepath.Join(d.WorkDir, rel) {
		return fmt.Errorf("removal of %q: %w", path, ErrNotOurs)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return fmt.Errorf("removal of %s: %w", path, err)
	}
	if at, ok := mountBelow(mounts, path); ok {
		return fmt.Errorf("removal of %s: %w: %s", path, ErrMounted, at)
	}
	if rest != "" {
		return d.removeNested(filepath.Join(d.WorkDir, outer), rest)
	}
	if err := os.RemoveAll(path); err != nil { // follows no link
		return fmt.Errorf("removal of a sandbox: %w", err)
	}
	if !strings.HasPrefix(outer, "containers/") {
		d.tidy(filepath.Dir(path))
	}
	return nil
}

// removeNested removes a sandbox within another, which may be in use: no link
// that its user put in the way is followed out of that, and nothing else goes.
func (d Disk) removeNested(outer, rest string) error {
	root, err := os.OpenRoot(outer)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("removal of a nested sandbox: %w", err)
	}
	defer func() { _ = root.Close() }() // only read from
	if err := root.RemoveAll(rest); err != nil {
		return fmt.Errorf("removal of a nested sandbox: %w", err)
	}
	return nil
}

// tidy removes empty directories upwards, as far as the agents' own.
func (d Disk) tidy(runs string) {
	latest := filepath.Join(runs, "latest")
	if to, err := os.Readlink(latest); err == nil {
		if _, err := os.Lstat(filepath.Join(runs, to)); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(latest) // it led to what is gone
		}
	}
	for dir := runs; filepath.Dir(dir) != d.WorkDir; dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			return // not empty
		}
	}
}

// mountBelow finds a mount at or below a path in the text of mountinfo.
func mountBelow(mountinfo []byte, path string) (string, bool) {
	for line := range bytes.Lines(mountinfo) {
		fields := bytes.Fields(line)
		const pointField = 4
		if len(fields) <= pointField {
			continue
		}
		at := unescape(string(fields[pointField]))
		if at == path || strings.HasPrefix(at, path+"/") {
			return at, true
		}
	}
	return "", false
}

// unescape reads the octal escapes that mountinfo has for blanks.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
