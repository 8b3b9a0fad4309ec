package systemd

import (
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a manager that writes down what it is told, and when.
type recorder struct {
	mu    sync.Mutex
	start time.Time
	lines []string
}

func (r *recorder) send(lines string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, time.Since(r.start).String()+" "+lines)
	return nil
}

func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.lines
	r.lines = nil
	return lines
}

// patient is a daemon whose looks wait for the test.
type patient struct {
	mu     sync.Mutex
	health Health
	err    error
	stuck  chan struct{} // a look returns when it is closed
}

func (p *patient) look() (Health, error) {
	p.mu.Lock()
	stuck := p.stuck
	p.mu.Unlock()
	if stuck != nil {
		<-stuck
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.health, p.err
}

func (p *patient) becomes(h Health, err error, stuck chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.health, p.err, p.stuck = h, err, stuck
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, p := &recorder{start: time.Now()}, &patient{health: Health{Status: "reading"}}
		m := &Manager{send: r.send, watchdog: 3 * time.Second}
		w := m.Watch(p.look, slog.New(slog.DiscardHandler))
		at := func(d time.Duration, what string, want ...string) {
			t.Helper()
			time.Sleep(time.Until(r.start.Add(d)))
			synctest.Wait()
			if got := r.take(); !slices.Equal(got, want) {
				t.Errorf("%s: the manager heard %q, want %q", what, got, want)
			}
		}
		at(50*time.Millisecond, "not ready", "0s WATCHDOG=1\n"+extension+"\nSTATUS=reading")
		at(150*time.Millisecond, "still not ready", "100ms WATCHDOG=1\n"+extension)
		p.becomes(Health{Ready: true, Status: "leading\nall"}, nil, nil)
		at(250*time.Millisecond, "ready", "200ms WATCHDOG=1\nREADY=1\nSTATUS=leading all")
		at(2500*time.Millisecond, "alive", "1.2s WATCHDOG=1", "2.2s WATCHDOG=1")
		p.becomes(Health{}, errors.New("stopped"), nil)
		at(5*time.Second, "a look fails")
		stuck := make(chan struct{})
		p.becomes(Health{Ready: true, Status: "leading all"}, nil, stuck)
		at(time.Minute, "a look does not return")
		close(stuck)
		at(time.Minute+500*time.Millisecond, "it returns", "1m0s WATCHDOG=1")
		w.Stopping()
		w.Stopping()
		at(time.Minute+700*time.Millisecond, "stopping", "1m0.5s STOPPING=1\nSTATUS=stopping")
		w.Wait()
		at(2*time.Minute, "stopped")
	})
}

// A daemon that stops while a look waits says nothing that takes STOPPING back.
func TestStoppingDuringALook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stuck := &recorder{start: time.Now()}, make(chan struct{})
		p := &patient{health: Health{Ready: true}, stuck: stuck}
		w := (&Manager{send: r.send}).Watch(p.look, slog.New(slog.DiscardHandler))
		synctest.Wait()
		w.Stopping()
		close(stuck)
		w.Wait()
		if got, want := r.take(), []string{"0s STOPPING=1\nSTATUS=stopping"}; !slices.Equal(got, want) {
			t.Errorf("the manager heard %q, want %q", got, want)
		}
	})
}

func TestNobodyListens(t *testing.T) {
	var m *Manager
	w := m.Watch(func() (Health, error) { t.Error("a look for nobody"); return Health{}, nil }, slog.New(slog.DiscardHandler))
	w.Stopping()
	w.Wait()
}
