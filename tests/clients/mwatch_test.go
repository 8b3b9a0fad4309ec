package clients

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/tests/cluster"
)

var buildMwatch = sync.OnceValues(func() (string, error) {
	return cluster.BuildModule("tests/clients/mesosgo", mesosGo+"mwatch")
})

// lines collects what a program writes and can be read meanwhile.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) has(parts ...string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.SplitSeq(l.b.String(), "\n") {
		found := true
		for _, p := range parts {
			found = found && strings.Contains(line, p)
		}
		if found {
			return true
		}
	}
	return false
}

// TestMwatch watches the operator event stream while a framework comes, runs a task and goes.
func TestMwatch(t *testing.T) {
	t.Parallel()
	bin, err := buildMwatch()
	if err != nil {
		t.Fatal(err)
	}
	cl := cluster.Start(t, cluster.Options{})
	host, port, err := net.SplitHostPort(cl.Addr())
	if err != nil {
		t.Fatal(err)
	}
	var out lines
	watch := exec.Command(filepath.Join(bin, "mwatch"), "-master", host, "-port", port)
	watch.Stdout, watch.Stderr = &out, &out
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = watch.Process.Kill()
		_ = watch.Wait()
		if t.Failed() {
			t.Logf("--- output of mwatch\n%s", lastLines(out.b.String(), 40))
		}
	}()
	deadline := time.Now().Add(patience)
	// It does not say when it is subscribed: tasks run until it tells one.
	for !out.has("TASK_ADDED") {
		if time.Now().After(deadline) {
			t.Fatal("no TASK_ADDED was told")
		}
		cmd := exec.Command(cluster.Binary(t, "mesos"), "run", "--", "true")
		cmd.Env = append(os.Environ(), "MESOS_MASTER="+cl.Addr())
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("mesos run: %v\n%s", err, text)
		}
	}
	for _, want := range [][]string{
		{"TASK_ADDED", "TASK_STAGING"}, {"TASK_UPDATED", "TASK_RUNNING"}, {"TASK_UPDATED", "TASK_FINISHED"}, {"FRAMEWORK_REMOVED"},
	} {
		for !out.has(want...) {
			if time.Now().After(deadline) {
				t.Fatalf("no line with %v was told", want)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}
