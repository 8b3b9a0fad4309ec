package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// TestFullDisk: an agent whose disk is full waits, says why, and forgets nothing, not even when it is killed; it goes
// on by itself when there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	var d *disk
	c, l := small(t, func(dir string) {
		var why string
		if d, why = mountDisk(t, dir, "size=32m"); d == nil {
			t.Skip("no disk can be filled: ", why)
		}
	})
	agent := c.Agents[0]
	what, end := waiting(t)
	l.launchCommand("before", what)
	eventually(t, "the task to run", l.is("before", v1.TaskState_TASK_RUNNING))
	d.fill()
	// Their bulk is more than the state file may have room for.
	var during []string
	for i := range 20 {
		id := fmt.Sprintf("during-%d", i)
		during = append(during, id)
		task := task(id)
		task.Command = &v1.CommandInfo{Value: proto.String(l.command(id, "true"))}
		task.Data = make([]byte, 200<<10)
		l.launch(&record{id: id}, task)
	}
	complains := func() string {
		log := agent.Log()
		if strings.Contains(log, "the agent's state cannot be written") && strings.Contains(log, syscall.ENOSPC.Error()) {
			return ""
		}
		return "it does not"
	}
	eventually(t, "the agent to say that its disk is full", complains)
	end()
	agent.Restart() // which kills it first
	d.free()
	for _, id := range append(during, "before") {
		eventually(t, "the end of the task", func() string {
			l.mu.Lock()
			defer l.mu.Unlock()
			if r := l.records[id]; !r.over() {
				return r.story()
			}
			return ""
		})
	}
	eventually(t, "the task of before to end well", l.is("before", v1.TaskState_TASK_FINISHED))
	l.expectGood(t) // those that came meanwhile are dropped or have run: never both
}

// TestNoInodes: where no sandbox can be made, a task fails and says so, and the next one runs when there is room.
func TestNoInodes(t *testing.T) {
	t.Parallel()
	var d *disk
	c, l := small(t, func(dir string) {
		var why string
		if d, why = mountDisk(t, dir, "size=32m,nr_inodes=200"); d == nil {
			t.Skip("no disk can be filled: ", why)
		}
	})
	c.WaitAgents(1)
	var files []string
	for i := 0; ; i++ {
		f := filepath.Join(d.dir, fmt.Sprint("file", i))
		if err := os.Symlink("nowhere", f); err != nil {
			break // no inode is left
		}
		files = append(files, f)
	}
	l.launchCommand("t", "true")
	l.strike("t")
	eventually(t, "the task to fail", l.is("t", v1.TaskState_TASK_FAILED))
	l.mu.Lock()
	s := l.records["t"].told[len(l.records["t"].told)-1]
	l.mu.Unlock()
	if !strings.Contains(s.GetMessage(), syscall.ENOSPC.Error()) || s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED {
		t.Errorf("the task was told %s %q, want the failed launch with the system's words", s.GetReason(), s.GetMessage())
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
	l.launchCommand("next", "true")
	eventually(t, "the next task to run", l.is("next", v1.TaskState_TASK_FINISHED))
	l.expectGood(t)
}
