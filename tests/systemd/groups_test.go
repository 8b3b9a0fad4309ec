package systemd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// groupsFor makes control groups of that name in the hierarchies that systemd uses: version 2, and the one of version 1
// that has its name.
func groupsFor(t *testing.T, name string) []string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for _, line := range strings.Split(string(mounts), "\n") {
		f := strings.Fields(line)
		if len(f) < 4 || f[2] != "cgroup2" && !strings.Contains(f[3], "name=systemd") {
			continue
		}
		group := filepath.Join(f[1], name)
		if err := os.Mkdir(group, 0o755); err != nil {
			t.Skipf("no containers here: a control group: %v", err)
		}
		groups = append(groups, group)
	}
	if len(groups) == 0 {
		t.Skip("no containers here: control groups of version 2 are not mounted")
	}
	return groups
}

// removeGroups ends all processes in control groups and removes them with what is below.
func removeGroups(t *testing.T, groups []string) {
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var err error
		for _, g := range groups {
			err = errors.Join(err, removeGroup(g))
		}
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("control groups of a container are left: %v", err)
			return
		}
	}
}

func removeGroup(group string) error {
	var dirs []string
	err := filepath.WalkDir(group, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, path)
		}
		return nil // what is gone meanwhile is gone
	})
	for i := len(dirs) - 1; i >= 0; i-- {
		killAll(filepath.Join(dirs[i], "cgroup.procs"))
		if e := os.Remove(dirs[i]); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, fmt.Errorf("control group: %w", e))
		}
	}
	return err
}

// killAll ends the processes that a file lists.
func killAll(procs string) {
	list, _ := os.ReadFile(procs) // a group that is gone has none
	for _, pid := range strings.Fields(string(list)) {
		if n, err := strconv.Atoi(pid); err == nil && n > 1 {
			_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended meanwhile
		}
	}
}
