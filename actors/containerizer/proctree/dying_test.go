package proctree

import (
	"os/exec"
	"testing"
	"time"
)

// TestKillWaitsForTheDying: a process of some size takes its time to die, and
// is not named by its finder any more while it does.
func TestKillWaitsForTheDying(t *testing.T) {
	cmd := exec.Command("tail") // keeps a line without end in memory
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }() // it was killed
	defer in.Close()
	for block, i := make([]byte, 1<<20), 0; i < 256; i++ {
		if _, err := in.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	pid := cmd.Process.Pid
	named := false
	once := func() []int {
		if named {
			return nil
		}
		named = true
		return []int{pid}
	}
	if !Kill(once, time.Minute) {
		t.Error("got false, want the process dead within a minute")
	}
	if Alive(pid) {
		t.Error("Kill returned while the process was dying, want it gone")
	}
}
