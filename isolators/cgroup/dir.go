package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Kernel is what changes a cgroup file system. Files are read with package os.
type Kernel interface {
	Mkdir(path string) error
	Rmdir(path string) error
	Write(path, value string) error
}

// System is the Kernel that this program runs on.
type System struct{}

// Mkdir implements Kernel.
func (System) Mkdir(path string) error { return os.Mkdir(path, 0o755) }

// Rmdir implements Kernel. Unlike os.Remove it never takes a file.
func (System) Rmdir(path string) error { return rmdir(path) }

// Write implements Kernel. A file that is not there is not made.
func (System) Write(path, value string) error {
	fd, err := open(path, unix.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = unix.Write(fd, []byte(value))
	for errors.Is(err, unix.EINTR) {
		_, err = unix.Write(fd, []byte(value))
	}
	_ = unix.Close(fd) // what could go wrong went wrong in the write
	if err != nil {
		return &os.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

// Dir is one cgroup in one hierarchy.
type Dir struct {
	Kernel  Kernel
	Version int
	Path    string
}

// File is the path of one of its files.
func (d Dir) File(name string) string { return filepath.Join(d.Path, name) }

// Below is a cgroup in this one; it need not exist.
func (d Dir) Below(name string) Dir {
	d.Path = filepath.Join(d.Path, name)
	return d
}

// Exists says whether it is there.
func (d Dir) Exists() bool {
	info, err := os.Stat(d.Path)
	return err == nil && info.IsDir()
}

// Has says whether it has a file of that name: whether the kernel has what the
// file is for.
func (d Dir) Has(name string) bool {
	_, err := os.Stat(d.File(name))
	return err == nil
}

// Write sets a value.
func (d Dir) Write(name, value string) error {
	if err := d.Kernel.Write(d.File(name), value); err != nil {
		return fmt.Errorf("cgroup value %q: %w", value, err)
	}
	return nil
}

// Read gives a file without blanks around it.
func (d Dir) Read(name string) (string, error) {
	text, err := readFile(d.File(name))
	return strings.TrimSpace(string(text)), err
}

// Number reads a file that holds one number; "max" is the greatest there is.
func (d Dir) Number(name string) (uint64, error) {
	text, err := d.Read(name)
	if err != nil {
		return 0, err
	}
	n, err := number(text)
	if err != nil {
		return 0, fmt.Errorf("cgroup file %s: %w", d.File(name), err)
	}
	return n, nil
}

func number(text string) (uint64, error) {
	if text == "max" {
		return 1<<64 - 1, nil
	}
	return strconv.ParseUint(text, 10, 64)
}

// Table reads a file of lines "key value". What is no number is left out.
func (d Dir) Table(name string) (map[string]uint64, error) {
	text, err := d.Read(name)
	if err != nil {
		return nil, err
	}
	out := make(map[string]uint64)
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := number(value); err == nil {
			out[key] = n
		}
	}
	return out, nil
}

// PIDs reads cgroup.procs, or another file of numbers. A cgroup that is gone has
// none. A process that this one cannot see (0) is left out.
func (d Dir) PIDs(name string) ([]int, error) {
	text, err := d.Read(name)
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []int
	for _, f := range strings.Fields(text) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			return nil, fmt.Errorf("cgroup file %s: %w", d.File(name), err)
		}
		if pid > 0 {
			out = append(out, pid)
		}
	}
	return out, nil
}

// Children names the cgroups in this one; none if it is gone.
func (d Dir) Children() ([]string, error) {
	// A directory has a link for itself, one of its parent, and one of each that is in it. (File systems that do not count
	// so have one.) Most cgroups have none, and lists of their many files take time.
	var is unix.Stat_t
	if err := unix.Stat(d.Path, &is); err == nil && is.Nlink == 2 {
		return nil, nil
	}
	entries, err := os.ReadDir(d.Path)
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// Make makes the cgroup; one that is there is an error that wraps fs.ErrExist.
func (d Dir) Make() error {
	if err := d.Kernel.Mkdir(d.Path); err != nil {
		return fmt.Errorf("cgroup: %w", err)
	}
	return nil
}

// Ensure makes the cgroup unless it is there.
func (d Dir) Ensure() error {
	if err := d.Make(); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
