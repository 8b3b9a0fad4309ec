package proctree

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// listed tells whether this kernel keeps lists of children in /proc (it does
// when it can checkpoint processes, as distributions' kernels can).
var listed = sync.OnceValue(func() bool {
	pid := strconv.Itoa(os.Getpid())
	_, err := os.Stat("/proc/self/task/" + pid + "/children")
	return err == nil
})

// Descendants gives the children of pid, their children and so on, without pid
// itself. Processes that end meanwhile are left out; those that begin
// meanwhile may be.
func Descendants(pid int) []int {
	below := children
	if !listed() {
		below = childrenByParent()
	}
	var all []int
	next := below(pid)
	for len(next) > 0 {
		p := next[0]
		next = append(next[1:], below(p)...)
		all = append(all, p)
	}
	return all
}

// children reads the kernel's lists, one per thread of the parent.
func children(pid int) []int {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "task")
	threads, err := names(dir)
	if err != nil {
		return nil
	}
	var kids []int
	for _, t := range threads {
		b, err := os.ReadFile(filepath.Join(dir, t, "children"))
		if err != nil {
			continue // that thread, or the whole process, is gone
		}
		for _, f := range bytes.Fields(b) {
			if n, err := strconv.Atoi(string(f)); err == nil {
				kids = append(kids, n)
			}
		}
	}
	return kids
}

// childrenByParent is the dear way: one look at every process of the machine.
func childrenByParent() func(pid int) []int {
	kids := make(map[int][]int)
	for _, pid := range pids() {
		if up := Parent(pid); up > 0 {
			kids[up] = append(kids[up], pid)
		}
	}
	return func(pid int) []int { return kids[pid] }
}
