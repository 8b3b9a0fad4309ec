package containerizer

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mesos/actors/containerizer/proctree"
)

// inherited starts containers by a containerizer that is then gone, and reaps
// them when they end, as the machine's first process does.
func inherited(t *testing.T, workDir string, lines map[string]string) map[string]Known {
	t.Helper()
	p := newPosix(t)
	known := map[string]Known{}
	for id, line := range lines {
		dir := filepath.Join(workDir, "runs", id)
		c := Config{ContainerID: id, Sandbox: dir, Command: shell(line), Environment: []string{"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + dir}}
		m, err := p.Launch(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		known[id] = Known{ContainerID: id, Sandbox: dir, Process: m}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for _, k := range known {
		reaped := make(chan struct{})
		go func() {
			reap(k.Process.PID)
			close(reaped)
		}()
		t.Cleanup(func() {
			syscall.Kill(-k.Process.PID, syscall.SIGKILL)
			<-reaped
		})
	}
	return known
}

func TestRecover(t *testing.T) {
	dir := t.TempDir()
	known := inherited(t, dir, map[string]string{
		"known": "sleep 1000", "pidless": "sleep 1001", "stale": "sleep 1002 & wait", "orphan": "setsid sleep 1003 & wait",
	})
	pidless, stale := known["pidless"], known["stale"]
	pidless.Process = Process{}
	stale.Process.Started-- // the number is another process's by now
	p := newPosix(t)
	alive, err := p.Recover(dir, []Known{known["known"], pidless, stale, {ContainerID: "never", Sandbox: filepath.Join(dir, "runs", "never")}})
	if err != nil {
		t.Fatal(err)
	}
	if len(alive) != 2 || alive["known"] != known["known"].Process || alive["pidless"] != known["pidless"].Process {
		t.Errorf("alive: got %v, want known and pidless of %v", alive, known)
	}
	for _, id := range []string{"stale", "orphan"} {
		if proctree.Alive(known[id].Process.PID) {
			t.Errorf("%s still lives", id)
		}
	}
	for sandbox := range proctree.MarkedBelow(sandboxMark, dir) {
		if id := filepath.Base(sandbox); id != "known" && id != "pidless" {
			t.Errorf("got processes in %s, want none", sandbox)
		}
	}
	if _, told := <-p.Wait("orphan"); told {
		t.Error("got the exit of an orphan, want none")
	}
	exits := map[string]<-chan Exit{"known": p.Wait("known"), "pidless": p.Wait("pidless")}
	p.Destroy("known")
	syscall.Kill(known["pidless"].Process.PID, syscall.SIGTERM)
	for id, ch := range exits {
		if e := <-ch; e.Status != UnknownStatus {
			t.Errorf("%s: got %+v, want an unknown status", id, e)
		}
	}
	if left := proctree.MarkedBelow(sandboxMark, dir); len(left) > 0 {
		t.Errorf("got %v left, want none", left)
	}
}

// A pidfd is not everywhere; without it the process is looked at.
func TestRecoverWithoutPidfd(t *testing.T) {
	dir := t.TempDir()
	k := inherited(t, dir, map[string]string{"c": "sleep 0.3"})["c"]
	p := newPosix(t)
	if err := p.awaitStranger(&container{id: "c", pid: k.Process.PID, began: k.Process.Started}); err != nil {
		t.Fatal(err)
	}
	if proctree.Alive(k.Process.PID) {
		t.Error("got the end of a process that lives")
	}
}

// Close leaves adopted containers running, and no goroutine behind.
func TestCloseWithAdopted(t *testing.T) {
	dir := t.TempDir()
	k := inherited(t, dir, map[string]string{"c": "sleep 1000"})["c"]
	p := newPosix(t)
	if _, err := p.Recover(dir, []Known{k}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- p.Close() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("Close waits for the container")
	}
	if !proctree.Alive(k.Process.PID) {
		t.Error("Close ended the container, want it to run on")
	}
}
