package systemd

import (
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Health is what a daemon finds when it looks at itself.
type Health struct {
	Ready  bool   // it does what it was started for; once true, it need not be again
	Status string // one line for a person
}

const (
	startingLook = 100 * time.Millisecond // between looks until the daemon is ready
	usualLook    = time.Second            // at most, afterwards
	// extension is what a daemon that is alive but not ready asks for with each
	// look: how long its start takes depends on how much it has to recover.
	extension = "EXTEND_TIMEOUT_USEC=30000000"
)

// Watch is the conversation of a running daemon with its manager.
type Watch struct {
	m    *Manager
	look func() (Health, error)
	log  *slog.Logger
	quit chan struct{}
	wg   sync.WaitGroup

	mu     sync.Mutex // one message at a time, and none after Stopping
	over   bool
	ready  bool
	status string
}

// Watch looks at the daemon again and again and tells the manager what was found.
// A look that does not return is what the manager's watchdog is for: nothing more
// is said until it does. A look that fails is no sign of life either.
func (m *Manager) Watch(look func() (Health, error), log *slog.Logger) *Watch {
	w := &Watch{m: m, look: look, log: log, quit: make(chan struct{})}
	if m != nil {
		w.wg.Go(w.run)
	}
	return w
}

func (w *Watch) run() {
	for {
		if h, err := w.look(); err == nil {
			w.found(h)
		}
		select {
		case <-w.quit:
			return
		case <-time.After(w.pause()):
		}
	}
}

// pause is how long to wait for the next look. Three signs of life fit into the
// time that the watchdog gives, so that one may be late.
func (w *Watch) pause() time.Duration {
	switch {
	case !w.ready:
		return startingLook
	case w.m.watchdog > 0:
		return min(w.m.watchdog/3, usualLook)
	}
	return usualLook
}

func (w *Watch) found(h Health) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	lines := []string{"WATCHDOG=1"}
	switch {
	case w.ready:
	case h.Ready:
		lines = append(lines, "READY=1")
	default:
		lines = append(lines, extension)
	}
	status := strings.ReplaceAll(h.Status, "\n", " ")
	if status != w.status {
		lines = append(lines, "STATUS="+status)
	}
	if err := w.m.tell(lines...); err != nil {
		w.log.Warn("the service manager does not hear", "error", err)
		return
	}
	w.ready, w.status = w.ready || h.Ready, status
}

// Stopping tells that the daemon ends, and ends the looks; one that is under way
// may still be waiting for the daemon.
func (w *Watch) Stopping() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.over = true
	close(w.quit)
	if w.m == nil {
		return
	}
	if err := w.m.tell("STOPPING=1", "STATUS=stopping"); err != nil {
		w.log.Warn("the service manager does not hear", "error", err)
	}
}

// Wait waits for the last look. The daemon must have stopped: its looks end with it.
func (w *Watch) Wait() { w.wg.Wait() }
