package isolation

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"mesos/tests/cluster"
)

// What each process of the MPI job sends to the next, and so gets from the one before.
const (
	rounds    = 20
	roundSize = 1_000_000
)

// mpi is a job of two nodes, tasks of the example that launches them. Each has an address of its own.
type mpi struct {
	h    *host
	cmd  *exec.Cmd
	out  output
	hold string        // the file that its processes wait for in the end
	over chan struct{} // closed when it has ended, as err says
	err  error
}

// output is what a program writes, for who looks meanwhile.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// startMPI starts the job; when its processes are done they wait.
func (h *host) startMPI() *mpi {
	h.t.Helper()
	m := &mpi{h: h, hold: filepath.Join(h.t.TempDir(), "go-on"), over: make(chan struct{})}
	m.cmd = exec.Command(cluster.Example(h.t, "mpi"), "-master", h.c.Addr(), "-mesos", cluster.Binary(h.t, "mesos"), "-network", "mesos0",
		"-nodes", "2", "-cpus", "1", "-mem", "256", "--", compiled(h.t), fmt.Sprint(rounds), fmt.Sprint(roundSize), m.hold)
	m.cmd.Stdout, m.cmd.Stderr = &m.out, &m.out
	if err := m.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() {
		m.err = m.cmd.Wait()
		close(m.over)
	}()
	h.t.Cleanup(func() {
		_ = m.cmd.Process.Signal(os.Interrupt) // it may have ended
		<-m.over
	})
	return m
}

// compiled is the example's MPI program.
func compiled(t *testing.T) string {
	t.Helper()
	root, err := cluster.Root()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "ring")
	out, err := exec.Command("mpicc", "-O2", "-o", program, filepath.Join(root, "cmd/examples/mpi/ring/ring.c")).CombinedOutput()
	switch {
	case err != nil && (strings.Contains(string(out), "mpi.h") || strings.Contains(string(out), "Unable to find")):
		t.Skipf("packages libopenmpi-dev and gcc are needed: %s", out)
	case err != nil:
		t.Fatalf("mpicc: %v: %s", err, out)
	}
	return program
}

var said = regexp.MustCompile(`process (\d) of 2 on (mpi-\d): sent (\d+) bytes, received (\d+), all sums are right`)

// finish waits until the processes are done, looks at what their nodes used, and lets them end.
func (m *mpi) finish() {
	t := m.h.t
	t.Helper()
	var own [][]string
	eventually(t, "two processes to be done", func() bool {
		own = said.FindAllStringSubmatch(m.out.String(), -1)
		select {
		case <-m.over:
			t.Fatalf("the job ended: %v\n%s", m.err, m.out.String())
		default:
		}
		return len(own) == 2
	})
	nodes := map[string]bool{}
	for _, words := range own {
		node := words[2]
		now := m.h.used(node)
		m.h.compareNetwork(node+", transmit", number(t, words[3]), now.sum("network_bytes", "direction", "transmit"), now.sum("network_packets", "direction", "transmit"))
		m.h.compareNetwork(node+", receive", number(t, words[4]), now.sum("network_bytes", "direction", "receive"), now.sum("network_packets", "direction", "receive"))
		m.h.within(node, now, "cpus:1;mem:256")
		nodes[node] = true
	}
	if !nodes["mpi-0"] || !nodes["mpi-1"] {
		t.Errorf("the job's processes were on %v, want one on each node:\n%s", nodes, m.out.String())
	}
	if err := os.WriteFile(m.hold, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the job's end", func() bool {
		select {
		case <-m.over:
			return true
		default:
			return false
		}
	})
	if m.err != nil {
		t.Errorf("the job: %v\n%s", m.err, m.out.String())
	}
}
