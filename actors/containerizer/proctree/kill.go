package proctree

import (
	"os"
	"slices"
	"syscall"
	"time"
)

// A Finder gives the processes to be killed at the time of the call. Kill asks
// again until it names nobody new.
type Finder func() []int

// Kill ends every process that find names and everything below those. Each is
// stopped as soon as it is seen, so that none can fork away from the search;
// when nobody new is found all are killed at once. Kill returns when none of
// them is alive any more (a zombie is not alive), or false after patience has
// passed, which only a process stuck in the kernel can cause. The caller's own
// process and its ancestors are never touched.
func Kill(find Finder, patience time.Duration) bool {
	spared := ancestors()
	deadline := time.Now().Add(patience)
	pause := time.Millisecond
	dying := map[int]uint64{} // when each that was killed had started
	for {
		for pid := range freeze(find, spared) {
			if began, there := StartTime(pid); there {
				dying[pid] = began
			}
			_ = syscall.Kill(pid, syscall.SIGKILL) // what came of it is seen below
		}
		if !anyAlive(find, spared) && !anyDying(dying) {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(pause)
		pause = min(2*pause, 50*time.Millisecond)
	}
}

// Signal sends sig to every process that find names and to everything below,
// and gives how many got it.
func Signal(find Finder, sig syscall.Signal) int {
	seen := freeze(find, ancestors())
	got := 0
	for pid := range seen {
		if syscall.Kill(pid, sig) == nil {
			got++
		}
	}
	for pid := range seen {
		_ = syscall.Kill(pid, syscall.SIGCONT) // fails for those that are gone
	}
	return got
}

// freeze stops the tree, so that what it returns is the whole of it: once a
// round finds nobody new, every known process is stopped and cannot fork.
func freeze(find Finder, spared map[int]bool) map[int]bool {
	seen := make(map[int]bool)
	for range 1000 { // a tree that grows faster than this is stopped piece by piece by Kill's rounds
		grown := false
		for _, pid := range withDescendants(find()) {
			if seen[pid] || spared[pid] || !Alive(pid) {
				continue
			}
			if syscall.Kill(pid, syscall.SIGSTOP) == nil {
				seen[pid], grown = true, true
			}
		}
		if !grown {
			break
		}
	}
	return seen
}

func anyAlive(find Finder, spared map[int]bool) bool {
	for _, pid := range find() {
		if !spared[pid] && Alive(pid) {
			return true
		}
	}
	return false
}

// anyDying says whether one that was killed is not gone yet. That is asked of
// each by itself: a dying process has no environment any more, and it may have
// left its session at the last moment, so no finder may name it again.
func anyDying(pids map[int]uint64) bool {
	for pid, began := range pids {
		if now, there := StartTime(pid); there && now == began && Alive(pid) {
			return true
		}
		delete(pids, pid)
	}
	return false
}

func withDescendants(roots []int) []int {
	all := slices.Clone(roots)
	for _, r := range roots {
		all = append(all, Descendants(r)...)
	}
	return all
}

// ancestors holds this process and all above it, 1 included: killing one of
// them by a mistaken mark would be the end of the agent.
func ancestors() map[int]bool {
	up := map[int]bool{0: true, 1: true, os.Getpid(): true}
	for pid := os.Getppid(); pid > 1 && !up[pid]; {
		up[pid] = true
		pid = Parent(pid)
	}
	return up
}
