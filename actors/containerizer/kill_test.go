package containerizer

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/actors/containerizer/proctree"
)

// await reads process ids that a container's processes wrote into files.
func await(t *testing.T, dir string, names ...string) (pids []int) {
	t.Helper()
	for _, n := range names {
		for {
			b, _ := os.ReadFile(filepath.Join(dir, n))
			if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
				pids = append(pids, pid)
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	return pids
}

// family is a child, a grandchild, one in another process group, and a daemon:
// its parent ended and its session is its own.
const family = `
sh -c 'sleep 1000 & echo $! > grandchild; wait' & echo $! > child
timeout 1000 sleep 1000 & echo $! > group
setsid sh -c 'setsid sleep 1000 & echo $! > daemon'
`

var members = []string{"child", "grandchild", "group", "daemon"}

func TestDestroyKillsTheWholeTree(t *testing.T) {
	p := newPosix(t)
	c := config(t, "c", shell(family+"wait"))
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	pids := await(t, c.Sandbox, members...)
	w := p.Wait("c")
	p.Destroy("c")
	p.Destroy("c")
	if e := <-w; e.Status != int(syscall.SIGKILL) {
		t.Errorf("got %+v, want killed", e)
	}
	for i, pid := range pids {
		if proctree.Alive(pid) {
			t.Errorf("got the %s alive, want it dead", members[i])
		}
	}
}

func TestLeftovers(t *testing.T) {
	tests := []struct {
		name, end string
		reaper    bool
		daemon    bool // survives until Destroy
	}{
		{"exit", "exit 0", false, false},
		{"exit of one that says it reaps", "exit 0", true, true},
		{"killed", "kill -KILL $$", false, false},
		{"one that reaps killed", "kill -KILL $$", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPosix(t)
			c := config(t, "c", shell(family+"while ! [ -s grandchild -a -s daemon ]; do :; done\n"+tt.end))
			c.Reaper = tt.reaper
			if _, err := p.Launch(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			// No Wait yet: a container whose Exit was collected is forgotten.
			pids := await(t, c.Sandbox, members...)
			for p.alive("c") {
				time.Sleep(time.Millisecond)
			}
			for i, pid := range pids[:3] {
				if proctree.Alive(pid) {
					t.Errorf("got the %s alive, want it dead", members[i])
				}
			}
			if got := proctree.Alive(pids[3]); got != (tt.daemon && p.isolation == nil) {
				t.Errorf("got the daemon alive %v, want %v", got, !got)
			}
			p.Destroy("c")
			for proctree.Alive(pids[3]) {
				time.Sleep(time.Millisecond)
			}
			if _, ok := <-p.Wait("c"); !ok {
				t.Error("got no exit, want it kept for the late asker")
			}
		})
	}
}

// alive tells whether a container has no Exit yet.
func (p *Posix) alive(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.containers[id] != nil && p.containers[id].exit == nil
}
