// Package cgroupfake is a cgroup v2 file system in a plain directory, for tests of
// what the machine at hand has no controllers for.
//
// It keeps the rules that code can break: files come with controllers, a
// controller must be enabled from above, processes may not be beside controlled
// cgroups, and what is not empty cannot be removed. It limits nothing and counts
// nothing; tests write the figures. Product code never imports it.
package cgroupfake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"mesos/isolators/cgroup"
)

// FS is one such file system. It is a cgroup.Kernel.
type FS struct {
	root string
	mu   sync.Mutex
}

// New makes one in an empty directory.
func New(dir string, controllers ...string) (*cgroup.Layout, *FS, error) {
	f := &FS{root: dir}
	if err := f.fill(dir, controllers); err != nil {
		return nil, nil, err
	}
	return &cgroup.Layout{V2: dir, V2Controllers: controllers, Kernel: f}, f, nil
}

// files of each controller with their first values; "" are those of every cgroup.
var files = map[string]map[string]string{
	"":        {"cgroup.procs": "", "cgroup.threads": "", "cgroup.subtree_control": "", "cgroup.kill": "", "cpu.stat": "usage_usec 0\nuser_usec 0\nsystem_usec 0\n"},
	"cpu":     {"cpu.weight": "100\n", "cpu.max": "max 100000\n"},
	"memory":  {"memory.current": "0\n", "memory.peak": "0\n", "memory.low": "0\n", "memory.max": "max\n", "memory.stat": "anon 0\nfile 0\n", "memory.events": "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n"},
	"pids":    {"pids.max": "max\n", "pids.current": "0\n"},
	"cpuset":  {"cpuset.cpus": "\n", "cpuset.mems": "\n"},
	"hugetlb": {"hugetlb.2MB.max": "max\n", "hugetlb.2MB.current": "0\n"},
	"io":      {"io.max": "", "io.stat": "", "io.weight": "default 100\n"},
}

func (f *FS) fill(dir string, controllers []string) error {
	if err := os.WriteFile(filepath.Join(dir, "cgroup.controllers"), []byte(strings.Join(controllers, " ")), 0o600); err != nil {
		return err
	}
	for _, c := range append([]string{""}, controllers...) {
		for name, value := range files[c] {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				continue // it was enabled before
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// words of a file that must be there.
func words(dir, name string) []string {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		panic(err) // only this package makes and removes cgroups
	}
	return strings.Fields(string(text))
}

// Mkdir implements cgroup.Kernel.
func (f *FS) Mkdir(path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return f.fill(path, words(filepath.Dir(path), "cgroup.subtree_control"))
}

// Rmdir implements cgroup.Kernel.
func (f *FS) Rmdir(path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(entries, os.DirEntry.IsDir) || len(words(path, "cgroup.procs")) > 0 {
		return &os.PathError{Op: "rmdir", Path: path, Err: syscall.EBUSY}
	}
	return os.RemoveAll(path)
}

// Write implements cgroup.Kernel.
func (f *FS) Write(path, value string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := os.Stat(path); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	switch filepath.Base(path) {
	case "cgroup.subtree_control":
		return f.enable(dir, value)
	case "cgroup.procs":
		return f.enter(dir, value)
	case "cgroup.kill":
		return f.kill(dir)
	}
	return os.WriteFile(path, []byte(value+"\n"), 0o600)
}

func (f *FS) enable(dir, value string) error {
	name, on := strings.CutPrefix(value, "+")
	switch {
	case !on || !slices.Contains(words(dir, "cgroup.controllers"), name):
		return &os.PathError{Op: "write " + value, Path: dir, Err: syscall.ENOENT}
	case dir != f.root && len(words(dir, "cgroup.procs")) > 0:
		return &os.PathError{Op: "write " + value, Path: dir, Err: syscall.EBUSY}
	}
	have := words(dir, "cgroup.subtree_control")
	if slices.Contains(have, name) {
		return nil
	}
	have = append(have, name)
	if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(strings.Join(have, " ")), 0o600); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() {
			err = errors.Join(err, f.fill(filepath.Join(dir, e.Name()), have))
		}
	}
	return err
}

func (f *FS) enter(dir, pid string) error {
	if dir != f.root && len(words(dir, "cgroup.subtree_control")) > 0 {
		return &os.PathError{Op: "write " + pid, Path: dir, Err: syscall.EBUSY}
	}
	n, err := strconv.Atoi(pid)
	if err != nil {
		return err
	}
	if err := syscall.Kill(n, 0); err != nil {
		return &os.PathError{Op: "write " + pid, Path: dir, Err: err}
	}
	pids := append(words(dir, "cgroup.procs"), pid)
	return os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strings.Join(pids, "\n")), 0o600)
}

func (f *FS) kill(dir string) error {
	return filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		for _, pid := range words(path, "cgroup.procs") {
			n, err := strconv.Atoi(pid)
			if err != nil {
				return fmt.Errorf("cgroup.procs of %s: %w", path, err)
			}
			if err := syscall.Kill(n, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
		}
		return os.WriteFile(filepath.Join(path, "cgroup.procs"), nil, 0o600)
	})
}
