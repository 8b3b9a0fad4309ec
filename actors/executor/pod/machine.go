package pod

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"mesos/actors/checks"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/executor/probing"
)

// RealMachine is the Machine of mesos-executor.
type RealMachine struct {
	Dispatch func(func())
	UUID     func() []byte // 16 bytes
	Sandbox  string        // the executor's own
	HTTPS    string        // path of mesos-probe, which is started for each HTTPS probe
	Log      *slog.Logger

	busy sync.WaitGroup
}

var _ Machine = (*RealMachine)(nil)

// NewID implements Machine.
func (m *RealMachine) NewID() string {
	u := m.UUID()
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// Link implements Machine: tasks/TASK leads to the task's sandbox.
func (m *RealMachine) Link(task, container string) {
	dir := filepath.Join(m.Sandbox, "tasks")
	err := os.Mkdir(dir, 0o755)
	if err == nil || errors.Is(err, os.ErrExist) {
		link := filepath.Join(dir, task)
		_ = os.Remove(link) // that of an earlier task of the same id
		err = os.Symlink(filepath.Join("..", "containers", container), link)
	}
	if err != nil {
		m.Log.Warn("link to the task's sandbox", "task_id", task, "container_id", container, "error", err)
	}
}

// patience bounds the wait for killed processes to die.
const patience = 10 * time.Second

// KillOrphans implements Machine. Every process below the executor's container
// has a sandbox below the executor's.
func (m *RealMachine) KillOrphans() {
	find := func() (pids []int) {
		for _, found := range proctree.MarkedBelow("MESOS_SANDBOX", m.Sandbox) {
			pids = append(pids, found...)
		}
		return pids
	}
	m.busy.Go(func() {
		if !proctree.Kill(find, patience) {
			m.Log.Error("processes of the tasks survive SIGKILL", "pids", find())
		}
	})
}

// Close waits for what is under way. Probes must have been cancelled.
func (m *RealMachine) Close() { m.busy.Wait() }

// Probe implements Machine.
func (m *RealMachine) Probe(p checks.Probe, done func(checks.Result)) (cancel func()) {
	ctx, cancel := context.WithCancel(context.Background())
	m.busy.Go(func() {
		defer cancel()
		r := probing.Ask(ctx, p, m.HTTPS)
		m.Dispatch(func() { done(r) })
	})
	return cancel
}
