package cgroups

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
)

// TestStalls has more loops than cores, of which some always wait, and tells so of their container alone.
func TestStalls(t *testing.T) {
	l := needKernel(t)
	if _, err := os.ReadFile("/proc/pressure/cpu"); l.V2 == "" || err != nil {
		t.Skipf("no cgroup v2 (mounted at %q) that tells pressure: %v", l.V2, err)
	}
	i := on(t, l).ready(t, Options{})
	waits := func(id string) float64 {
		list, err := i.Figures(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if f.Name == isolators.StallFigure && f.Labels[0].Value == "cpu" && f.Labels[1].Value == "some" {
				return f.Value
			}
		}
		t.Fatalf("got the figures %v, want one of some that wait for cpu", list)
		return 0
	}
	idle := container(t, i, isolators.Container{ID: "idle"}, "exec sleep 1000")
	busy := container(t, i, isolators.Container{ID: "busy"}, fmt.Sprintf("for i in $(seq %d); do while :; do :; done & done; wait", 2*runtime.NumCPU()))
	idle.Release()
	busy.Release()
	isolatortest.Eventually(t, "a second of waiting", func() bool { return waits("busy") >= 1 })
	if got, most := waits("idle"), waits("busy")/2; got > most {
		t.Errorf("the idle container waited %.3f s, want less than %.3f", got, most)
	}
	if err := i.Cleanup(t.Context(), "busy"); err != nil {
		t.Error(err)
	}
	if _, err := i.Figures("busy"); !errors.Is(err, isolators.ErrUnknownContainer) {
		t.Errorf("figures of one that is over: got %v, want ErrUnknownContainer", err)
	}
}
