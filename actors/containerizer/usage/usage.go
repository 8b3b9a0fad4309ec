// Package usage tells what a container's processes have used, as far as /proc
// tells it: processor time and resident memory of the main process and all that
// descend from it.
//
// The agent asks for its statistics. What only the kernel's accounting by
// cgroup knows is not here.
package usage

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"mesos/actors/containerizer/proctree"
)

// Usage is what processes have used. Times of ended children count with the
// parent that waited for them.
type Usage struct {
	UserSecs, SystemSecs float64
	ResidentBytes        uint64 // shared pages count once for each process
}

// ticks are how many a second /proc counts in; the kernel promises this number to programs.
const ticks = 100

// Of adds up the process pid and its descendants. It fails if pid is gone.
func Of(pid int) (Usage, error) {
	var u Usage
	if err := u.add(pid); err != nil {
		return u, err
	}
	for _, p := range proctree.Descendants(pid) {
		_ = u.add(p) // it may have ended meanwhile
	}
	return u, nil
}

// Places in /proc/<pid>/stat, counted from the field behind the name.
const (
	userTicks = 11 + iota
	systemTicks
	childrenUserTicks
	childrenSystemTicks
	residentPages = 21
)

func (u *Usage) add(pid int) error {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return fmt.Errorf("usage of process %d: %w", pid, err)
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) <= residentPages {
		return fmt.Errorf("usage of process %d: %d fields in its stat are too few", pid, len(f))
	}
	n := func(i int) float64 {
		v, _ := strconv.ParseFloat(string(f[i]), 64) // the kernel writes numbers
		return v
	}
	u.UserSecs += (n(userTicks) + n(childrenUserTicks)) / ticks
	u.SystemSecs += (n(systemTicks) + n(childrenSystemTicks)) / ticks
	u.ResidentBytes += uint64(n(residentPages)) * uint64(os.Getpagesize())
	return nil
}
