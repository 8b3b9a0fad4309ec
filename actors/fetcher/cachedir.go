package fetcher

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// cacheDir is the directory of one agent's cache, below one that several agents
// may share. It is made when the first file comes, and held by a lock for as
// long as the agent lives.
type cacheDir struct {
	base string
	path string
	lock *os.File
	next int
}

// cachePrefix begins the names of caches: nothing else in the shared directory
// is touched.
const cachePrefix = "cache-"

// newName gives a name that no file has.
func (d *cacheDir) newName() (string, error) {
	if d.path == "" {
		if err := d.make(); err != nil {
			return "", err
		}
	}
	d.next++
	return filepath.Join(d.path, strconv.Itoa(d.next)), nil
}

func (d *cacheDir) make() error {
	if d.base == "" {
		return errors.New("this agent has no cache")
	}
	if err := os.MkdirAll(d.base, 0o755); err != nil {
		return fmt.Errorf("directory of the cache: %w", err)
	}
	path, err := os.MkdirTemp(d.base, cachePrefix)
	if err != nil {
		return fmt.Errorf("directory of the cache: %w", err)
	}
	lock, err := os.Open(path)
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		return fmt.Errorf("lock of the cache: %w", err)
	}
	d.path, d.lock = path, lock
	return nil
}

func (d *cacheDir) remove() {
	if d.path == "" {
		return
	}
	_ = os.RemoveAll(d.path) // what stays goes at the next start
	_ = d.lock.Close()
	d.path = ""
}

// sweepCaches removes the caches that agents left which live no more.
func sweepCaches(base string) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return // there is none yet
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), cachePrefix) {
			continue
		}
		path := filepath.Join(base, e.Name())
		f, err := os.Open(path)
		if err != nil {
			continue // another user's
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(path) // tried again at the next start
		}
		_ = f.Close()
	}
}
