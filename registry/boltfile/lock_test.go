package boltfile

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

var trial = &Kind{Format: "trial 1", Tables: []string{"t"}, Name: "trial file", Content: "a trial", Owner: "trial", Advice: "begin anew"}

// inherited has the lock of a file held by a child of a holder that has ended; release ends the child.
func inherited(t *testing.T, path string) (release func()) {
	t.Helper()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Skipf("no program to run: %v", err)
	}
	f, err := os.Create(path + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strconv.Itoa(dead.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	child := exec.Command("cat")
	child.ExtraFiles = []*os.File{f}
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Wait() })
	return func() { in.Close() }
}

// TestLockOutlivesItsHolder: a file whose owner was killed while it forked a child can be opened by its next owner,
// who waits for the child.
func TestLockOutlivesItsHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	release := inherited(t, path)
	defer release()
	opened := make(chan error, 1)
	go func() {
		f, err := trial.Open(path, func(string, []byte, []byte) error { return nil })
		if err == nil {
			err = f.Close()
		}
		opened <- err
	}()
	select {
	case err := <-opened:
		t.Fatalf("Open while a child of the last owner held the lock: got %v, want it to wait", err)
	case <-time.After(100 * time.Millisecond): // not a promise: it could have waited longer
	}
	release()
	if err := <-opened; err != nil {
		t.Errorf("Open after the child has ended: %v", err)
	}
}

// TestLockOfLivingHolder: an owner that lives is not waited for.
func TestLockOfLivingHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f, err := trial.Open(path, func(string, []byte, []byte) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := trial.Check(path, nil); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v, want ErrInUse", err)
	}
}
