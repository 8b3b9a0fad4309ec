package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// patience is how long a test waits for what must happen at all; it measures nothing.
const patience = 2 * time.Minute

// eventually waits until why gives "", and fails with its last word.
func eventually(t testing.TB, what string, why func() string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		w := why()
		if w == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s: %s", what, w)
		}
	}
}

// descriptors counts what a program holds open, by kind.
func descriptors(pid int) map[string]int {
	count := map[string]int{}
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid)) // the pattern is right
	for _, l := range links {
		to, err := os.Readlink(l)
		if err != nil {
			continue // closed in between
		}
		kind, _, _ := strings.Cut(to, ":[")
		count[kind]++
	}
	return count
}

// more says what of now was not there before. Sockets come and go with whoever asks for /health.
func more(before, now map[string]int) string {
	var out []string
	for kind, n := range now {
		limit := before[kind]
		if kind == "socket" {
			limit += 4
		}
		if n > limit {
			out = append(out, fmt.Sprintf("%d × %s, %d before", n, kind, before[kind]))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// executors are the main processes of the containers in a work directory: their pids, by executor id.
func executors(c *cluster.Cluster) map[string]int {
	out := map[string]int{}
	for _, pid := range c.Inhabitants() {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		if id := executorOf(cwd); err == nil && len(fields) > 3 && fields[3] == strconv.Itoa(pid) && id != "" {
			out[id] = pid
		}
	}
	return out
}

// executorOf is the executor whose sandbox a path is.
func executorOf(path string) string {
	_, rest, _ := strings.Cut(path, "/executors/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// describe says which processes these are, for people.
func describe(pids []int) (out []string) {
	for _, pid := range pids {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // it may have ended
		cwd, _ := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		out = append(out, fmt.Sprintf("%d %q in %s", pid, strings.ReplaceAll(string(line), "\x00", " "), cwd))
	}
	return out
}

// strangeSandboxes are those that belong to no task of the load.
func strangeSandboxes(t testing.TB, c *cluster.Cluster, l *load) (out []string) {
	t.Helper()
	known := map[string]bool{}
	l.mu.Lock()
	for _, r := range l.records {
		known[r.id], known[r.executor] = true, true
	}
	l.mu.Unlock()
	for i := range c.Agents {
		dirs, err := filepath.Glob(filepath.Join(c.AgentWorkDir(i), "slaves", "*", "frameworks", "*", "executors", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range dirs {
			if !known[filepath.Base(d)] {
				out = append(out, d)
			}
		}
	}
	return out
}
