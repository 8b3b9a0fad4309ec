package containerizer

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
)

func TestManyLeaveNothing(t *testing.T) {
	p := newPosix(t)
	run(t, p, config(t, "warm", shell("true")))
	before := len(openFiles(t))
	top := t.TempDir()
	errs := make(chan error, 200)
	for i := range 200 {
		go func() {
			id := strconv.Itoa(i)
			c := Config{ContainerID: id, Sandbox: filepath.Join(top, id), Command: shell("sleep 1000 & exit 0"), Environment: []string{"PATH=/bin:/usr/bin", "MESOS_SANDBOX=" + filepath.Join(top, id)}}
			if _, err := p.Launch(t.Context(), c); err != nil {
				errs <- err
				return
			}
			if e := <-p.Wait(id); e.Status != 0 {
				errs <- fmt.Errorf("got %+v, want status 0", e)
				return
			}
			errs <- nil
		}()
	}
	var marks []string
	for i := range 200 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
		marks = append(marks, "MESOS_SANDBOX="+filepath.Join(top, strconv.Itoa(i)))
	}
	if left := proctree.Marked(marks); len(left) > 0 {
		t.Errorf("got %d processes left: %v", len(left), left)
	}
	if kids := proctree.Descendants(os.Getpid()); len(kids) > 0 {
		t.Errorf("got children %v, want all reaped", kids)
	}
	if after := len(openFiles(t)); after > before {
		t.Errorf("got %d open files, want %d as before: %v", after, before, openFiles(t))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.containers) > 0 {
		t.Errorf("got %d containers remembered, want none", len(p.containers))
	}
}

func openFiles(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func BenchmarkContainer(b *testing.B) {
	for name, reaper := range map[string]bool{"command": true, "custom": false} {
		b.Run(name, func(b *testing.B) {
			p := newPosix(b)
			top := b.TempDir()
			i := 0
			for b.Loop() {
				i++
				id := strconv.Itoa(i)
				c := Config{ContainerID: id, Sandbox: filepath.Join(top, id), Command: program("/bin/true"), Environment: []string{}, Reaper: reaper}
				if _, err := p.Launch(b.Context(), c); err != nil {
					b.Fatal(err)
				}
				<-p.Wait(id)
			}
		})
	}
}

func BenchmarkForkExecOnly(b *testing.B) {
	for b.Loop() {
		p, err := launch.Start(launch.Spec{File: "/bin/true", Argv: []string{"true"}, Env: []string{}, Files: [3]uintptr{0, 1, 2}})
		if err != nil {
			b.Fatal(err)
		}
		reap(p.PID)
		syscall.Close(p.PIDFD)
	}
}
