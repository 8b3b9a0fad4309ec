package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Inhabitants lists the processes that live in the cluster's work directory: executors, tasks and whatever they
// started, but not the daemons.
func (c *Cluster) Inhabitants() []int {
	c.t.Helper()
	pids, err := inhabitants(c.WorkDir)
	if err != nil {
		c.t.Fatal(err)
	}
	return pids
}

// sweep kills every process that belongs to dir, until none is left. Executors and tasks run in sessions of their own
// and outlive their agent by design, so neither parent nor process group finds them; their sandbox does.
func sweep(dir string) error {
	deadline := time.Now().Add(patience)
	for {
		pids, err := inhabitants(dir)
		if err != nil || len(pids) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("processes %v of %s survive kill -9", pids, dir)
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL) // fails only for a process that has just ended
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// inhabitants lists the processes whose working directory lies below dir or whose environment names it.
func inhabitants(dir string) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if livesIn(pid, dir) {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// livesIn is false for a process that has ended, even if nobody has waited for it: a zombie has neither directory nor
// environment.
func livesIn(pid int, dir string) bool {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err == nil {
		cwd = strings.TrimSuffix(cwd, " (deleted)")
		if cwd == dir || strings.HasPrefix(cwd, dir+"/") {
			return true
		}
	}
	env, err := os.ReadFile(filepath.Join(proc, "environ"))
	return err == nil && (bytes.Contains(env, []byte(dir+"/")) || bytes.Contains(env, []byte(dir+"\x00")))
}
