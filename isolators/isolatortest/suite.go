package isolatortest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Subject is an isolator to test.
type Subject struct {
	// New makes one as an agent does that starts: what an earlier one made
	// on this machine during the same test is still there.
	New func(t *testing.T) isolators.Isolator
	// Holds says that it holds processes: Cleanup kills those of a container,
	// and Recover those of what does not live any more.
	Holds bool
}

// Run is the suite. Each part is a container's life with something going wrong.
func Run(t *testing.T, s Subject) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, Subject)
	}{
		{"a life", life},
		{"unknown containers", unknown},
		{"twice", twice},
		{"launch given up", givenUp},
		{"process vanished", vanished},
		{"agent restarts", restarts},
		{"nested", nested},
		{"many at once", many},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, s) })
	}
}

var demand = isolators.Demand{CPUs: 0.5, Mem: 64 << 20}

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// fresh is an isolator that has recovered what lives.
func fresh(t *testing.T, s Subject, live ...isolators.Live) isolators.Isolator {
	t.Helper()
	i := s.New(t)
	t.Cleanup(i.Close)
	ok(t, "recover", i.Recover(t.Context(), live))
	return i
}

// launch prepares and isolates a container with a process that stays.
func launch(t *testing.T, i isolators.Isolator, id string) *Process {
	t.Helper()
	ok(t, "prepare", i.Prepare(t.Context(), isolators.Container{ID: id, Demand: demand}, &boot.Launch{}))
	p := Start(t, "exec sleep 1000")
	ok(t, "isolate", i.Isolate(t.Context(), id, p.PID))
	p.Release()
	return p
}

// over cleans a container up and wants its process dead, if the isolator holds it.
func over(t *testing.T, s Subject, i isolators.Isolator, id string, p *Process) {
	t.Helper()
	ok(t, "cleanup", i.Cleanup(t.Context(), id))
	if s.Holds {
		_, _ = p.Wait()
	}
}

func life(t *testing.T, s Subject) {
	i := fresh(t, s)
	p := launch(t, i, "one")
	limited := i.Watch("one")
	stats := &v1.ResourceStatistics{}
	ok(t, "usage", i.Usage("one", stats))
	ok(t, "update", i.Update(t.Context(), "one", isolators.Demand{CPUs: 1, Mem: 128 << 20}))
	ok(t, "usage after update", i.Usage("one", stats))
	over(t, s, i, "one", p)
	if limited != nil {
		if l, any := <-limited; any {
			t.Errorf("limitation of an idle container: got %v, want none", l)
		}
	}
	over(t, s, i, "one", p)
	over(t, s, i, "one", launch(t, i, "one")) // the same id once more
}

func unknown(t *testing.T, s Subject) {
	i := fresh(t, s)
	for step, err := range map[string]error{
		"isolate": i.Isolate(t.Context(), "none", 1<<22),
		"update":  i.Update(t.Context(), "none", demand),
		"usage":   i.Usage("none", &v1.ResourceStatistics{}),
	} {
		if !errors.Is(err, isolators.ErrUnknownContainer) {
			t.Errorf("%s: got %v, want %v", step, err, isolators.ErrUnknownContainer)
		}
	}
	if c := i.Watch("none"); c != nil {
		if _, any := <-c; any {
			t.Error("watch: got a limitation, want a closed channel")
		}
	}
	ok(t, "cleanup", i.Cleanup(t.Context(), "none"))
}

func twice(t *testing.T, s Subject) {
	i := fresh(t, s)
	p := launch(t, i, "one")
	if err := i.Prepare(t.Context(), isolators.Container{ID: "one", Demand: demand}, &boot.Launch{}); !errors.Is(err, isolators.ErrExists) {
		t.Errorf("second prepare: got %v, want %v", err, isolators.ErrExists)
	}
	ok(t, "usage of the first", i.Usage("one", &v1.ResourceStatistics{}))
	over(t, s, i, "one", p)
}

func givenUp(t *testing.T, s Subject) {
	i := fresh(t, s)
	ok(t, "prepare", i.Prepare(t.Context(), isolators.Container{ID: "one", Demand: demand}, &boot.Launch{}))
	ok(t, "cleanup", i.Cleanup(t.Context(), "one"))
	ok(t, "prepare", i.Prepare(t.Context(), isolators.Container{ID: "one", Demand: demand}, &boot.Launch{}))
	ended, end := context.WithCancel(t.Context())
	end()
	// It may be cleaned up or not; again, it must be.
	_ = i.Cleanup(ended, "one")
	ok(t, "cleanup again", i.Cleanup(t.Context(), "one"))
}

func vanished(t *testing.T, s Subject) {
	i := fresh(t, s)
	p := launch(t, i, "one")
	ok(t, "kill", p.cmd.Process.Kill())
	_, _ = p.Wait()
	ok(t, "cleanup", i.Cleanup(t.Context(), "one"))
}

func restarts(t *testing.T, s Subject) {
	i := fresh(t, s)
	lives, dies := launch(t, i, "lives"), launch(t, i, "dies")
	i.Close() // as far as the machine can tell, the agent dies here
	i = fresh(t, s, isolators.Live{ID: "lives", PID: lives.PID})
	if s.Holds {
		_, _ = dies.Wait()
	}
	ok(t, "usage of what lives", i.Usage("lives", &v1.ResourceStatistics{}))
	ok(t, "update of what lives", i.Update(t.Context(), "lives", demand))
	if err := i.Usage("dies", &v1.ResourceStatistics{}); !errors.Is(err, isolators.ErrUnknownContainer) {
		t.Errorf("usage of what does not: got %v, want %v", err, isolators.ErrUnknownContainer)
	}
	select {
	case <-lives.ended:
		t.Error("what lives was killed by recovery")
	default:
	}
	limited := i.Watch("lives")
	over(t, s, i, "lives", lives)
	if limited != nil {
		if _, any := <-limited; any {
			t.Error("limitation after recovery: got one, want none")
		}
	}
}

func nested(t *testing.T, s Subject) {
	i := fresh(t, s)
	p := launch(t, i, "one")
	ok(t, "prepare", i.Prepare(t.Context(), isolators.Container{ID: "one.shared", Shared: true}, &boot.Launch{}))
	inner := Start(t, "exec sleep 1000")
	ok(t, "isolate", i.Isolate(t.Context(), "one.shared", inner.PID))
	ok(t, "usage", i.Usage("one.shared", &v1.ResourceStatistics{}))
	own := launch(t, i, "one.own")
	deep := launch(t, i, "one.own.deep")
	over(t, s, i, "one.own.deep", deep)
	over(t, s, i, "one.own", own)
	ok(t, "cleanup", i.Cleanup(t.Context(), "one.shared"))
	ok(t, "usage of the outer", i.Usage("one", &v1.ResourceStatistics{}))
	over(t, s, i, "one", p)
	if s.Holds {
		_, _ = inner.Wait()
	}
}

func many(t *testing.T, s Subject) {
	i := fresh(t, s)
	var all sync.WaitGroup
	for n := range 12 {
		all.Go(func() {
			id := fmt.Sprint("c", n)
			if err := i.Prepare(t.Context(), isolators.Container{ID: id, Demand: demand}, &boot.Launch{}); err != nil {
				t.Errorf("prepare: %v", err)
				return
			}
			if err := i.Usage(id, &v1.ResourceStatistics{}); err != nil {
				t.Errorf("usage: %v", err)
			}
			if err := i.Cleanup(t.Context(), id); err != nil {
				t.Errorf("cleanup: %v", err)
			}
		})
	}
	all.Wait()
}
