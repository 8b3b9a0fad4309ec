package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	executorv1 "mesos/messages/mesos/v1/executor"
)

// memory is the resident memory of a process in kB.
func memory(tb testing.TB, pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		tb.Fatal(err)
	}
	return kb
}

// TestFootprint prints what the program costs; the bound on memory is the one
// that the project promises.
func TestFootprint(t *testing.T) {
	a := newAgent(t, "127.0.0.1:0")
	p := a.run(nil)
	p.call(executorv1.Call_SUBSCRIBE)
	t.Logf("start to SUBSCRIBE: %v", time.Since(p.started))
	a.calls <- &executorv1.Call{Type: executorv1.Call_SUBSCRIBE.Enum()}
	a.peer <- p.upid
	p.subscribe()
	p.launch(shell("sleep 1000"))
	p.update("STARTING")
	p.update("RUNNING")
	const most = 10 * 1024
	got := memory(t, p.cmd.Process.Pid)
	t.Logf("resident: %.0f kB", got)
	if got > most {
		t.Errorf("got %.0f kB resident, want at most %d", got, most)
	}
	p.kill()
	p.update("KILLED Command terminated with signal Terminated")
	p.ends(0)
}
