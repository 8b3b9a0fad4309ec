package cgroups

import (
	"context"
	"encoding/binary"
	"os"
	"time"

	"mesos/isolators/cgroup"
)

// OOMWatch finds out whether the kernel has killed something in the cgroups of a
// container for want of memory, also when those are gone. Close it.
type OOMWatch struct {
	d    cgroup.Dir
	wake *os.File // of version 1: each read tells how often memory ran out since the last
	ran  uint64
}

// WatchOOM begins to watch. A container without a memory cgroup, or of version 2, is
// only looked at while its cgroup is there.
func (f *Foreign) WatchOOM() *OOMWatch {
	w := &OOMWatch{d: f.dirs["memory"]}
	if w.d.Version == 1 {
		w.wake, _ = notifyOOM(w.d) // without, the cgroup alone tells
	}
	return w
}

// Happened is for when the container has ended, and waits until its cgroup is gone,
// or ctx ends, unless something was killed.
func (w *OOMWatch) Happened(ctx context.Context) bool {
	const removal = 1 // the kernel wakes once more when a cgroup is removed
	if w.d.Version == 0 {
		return false
	}
	for {
		if outOfMemory(w.d) {
			return true
		}
		there := w.d.Exists()
		w.drain()
		if !there {
			return w.ran > removal
		}
		select {
		case <-time.After(firstLook):
		case <-ctx.Done():
			return false
		}
	}
}

// drain counts what has woken.
func (w *OOMWatch) drain() {
	if w.wake == nil || w.wake.SetReadDeadline(time.Now().Add(time.Millisecond)) != nil {
		return
	}
	var count [8]byte
	if n, err := w.wake.Read(count[:]); err == nil && n == len(count) {
		w.ran += binary.NativeEndian.Uint64(count[:])
	}
}

// Close ends the watch.
func (w *OOMWatch) Close() {
	if w.wake != nil {
		w.wake.Close()
	}
}
