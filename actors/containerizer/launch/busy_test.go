package launch

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A program that somebody still has open for writing starts as soon as it is closed.
func TestStartWaitsForABusyFile(t *testing.T) {
	self, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Skipf("no program to copy: %v", err)
	}
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, self, 0o755); err != nil {
		t.Fatal(err)
	}
	busy, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	released := time.AfterFunc(60*time.Millisecond, func() { _ = busy.Close() })
	defer released.Stop()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p, err := Start(Spec{File: file, Argv: []string{"program"}, Files: [3]uintptr{null.Fd(), null.Fd(), null.Fd()}})
	if err != nil {
		t.Fatalf("Start of a file that was busy for a moment: %v", err)
	}
	if p.PIDFD >= 0 {
		_ = syscall.Close(p.PIDFD)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(p.PID, &status, 0, nil); err != nil || status.ExitStatus() != 0 {
		t.Errorf("wait: %v, status %v, want exit 0", err, status)
	}
}
