package store

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// While a disk is full nothing is told; when it has room again all is written,
// in order, and told once.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var full atomic.Bool
		full.Store(true)
		var written, told []int
		c := newCommitter(quiet, func(w []Write) error {
			if full.Load() {
				return errors.New("no space left on device")
			}
			for _, x := range w {
				written = append(written, int(x.key[7]))
			}
			return nil
		})
		for i := range 5 {
			c.Commit(func() { told = append(told, i) }, PutUpdate(uint64(i), update("t", "u", v1.TaskState_TASK_RUNNING)))
			time.Sleep(10 * time.Second)
		}
		synctest.Wait()
		if len(told) > 0 {
			t.Errorf("told %v while the disk was full, want nothing", told)
		}
		full.Store(false)
		time.Sleep(2 * retryAfter)
		synctest.Wait()
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(written, want) || !slices.Equal(told, want) {
			t.Errorf("wrote %v and told %v, want %v", written, told, want)
		}
		c.close()
		c.Commit(func() { t.Error("a commit after close was told") })
	})
}

// A store that is closed while the disk is full gives up.
func TestCloseWithAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCommitter(quiet, func([]Write) error { return errors.New("no space left on device") })
		c.Commit(func() { t.Error("what was never written was told") }, DeleteUpdate(1))
		time.Sleep(5 * time.Second)
		c.close()
	})
}
