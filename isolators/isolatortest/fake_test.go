package isolatortest_test

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFake(t *testing.T) {
	isolatortest.Run(t, isolatortest.Subject{New: func(*testing.T) isolators.Isolator { return &isolatortest.Fake{} }})
}

func TestSet(t *testing.T) {
	isolatortest.Run(t, isolatortest.Subject{New: func(*testing.T) isolators.Isolator {
		return isolators.NewSet(&isolatortest.Fake{}, &isolatortest.Fake{})
	}})
	isolatortest.Run(t, isolatortest.Subject{New: func(*testing.T) isolators.Isolator {
		return isolators.NewSet(isolators.NewSet(&isolatortest.Fake{}))
	}})
}

// TestSetOrder wants the way down to be the way up turned round, and every part
// cleaned up whatever the others say.
func TestSetOrder(t *testing.T) {
	var steps []string
	fails := errors.New("disk on fire")
	part := func(n string) *isolatortest.Fake {
		return &isolatortest.Fake{Fail: func(step, _ string) error {
			steps = append(steps, n+" "+step)
			if n == "b" && (step == "isolate" || step == "cleanup") {
				return fails
			}
			return nil
		}}
	}
	a, b, c := part("a"), part("b"), part("c")
	s := isolators.NewSet(a, b, c)
	if err := s.Prepare(t.Context(), isolators.Container{ID: "x"}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	for step, err := range map[string]error{"isolate": s.Isolate(t.Context(), "x", 1), "cleanup": s.Cleanup(t.Context(), "x")} {
		if !errors.Is(err, fails) || !strings.Contains(err.Error(), "isolator fake, "+step) {
			t.Errorf("%s: got %v, want the part's error and what failed", step, err)
		}
	}
	if a.Known("x") || !b.Known("x") || c.Known("x") {
		t.Errorf("known after cleanup: got %v %v %v, want only the second", a.Known("x"), b.Known("x"), c.Known("x"))
	}
	got := strings.Join(steps[:5], ", ")
	if want := "a prepare, b prepare, c prepare, a isolate, b isolate"; got != want {
		t.Errorf("on the way up: got %s, want %s", got, want)
	}
	if got := strings.Join(steps[5:], ", "); got != "c cleanup, b cleanup, a cleanup" {
		t.Errorf("on the way down: got %s, want c, b, a", got)
	}
}

func TestSetLimitation(t *testing.T) {
	a, b := &isolatortest.Fake{}, &isolatortest.Fake{}
	s := isolators.NewSet(a, b)
	if err := s.Prepare(t.Context(), isolators.Container{ID: "x"}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	w := s.Watch("x")
	for n, f := range []*isolatortest.Fake{b, a, b} {
		l := isolators.Limitation{Reason: v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY, Message: string(rune('0' + n))}
		if err := f.Limit("x", l); err != nil {
			t.Fatal(err)
		}
	}
	if l, any := <-w; !any || l.Reason != v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY {
		t.Errorf("limitation: got %v, %v, want one", l, any)
	}
	if err := s.Cleanup(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	for range w { // what a part told later may still be on its way; the end must come
		continue
	}
}
