package allocator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	w := newWorld(t, Options{FilterGPUResources: true})
	w.framework("f1", "a")
	w.agent("S0", "cpus:1")
	w.agent("S1", "cpus:1")
	offers := w.allocate()
	w.decline(offers[1], 30)
	w.agent("S2", "cpus:1;gpus:1")
	w.agent("S3", "cpus:0.001")
	w.agent("S4", "cpus:1")
	w.c.DeactivateAgent("S4")
	w.agent("S5", "cpus(b):1")
	w.allocate()
	w.agent("S6", "cpus:1")
	w.agent("S7", "cpus:1")

	got := explained(t, w, "f1", "a")
	want := []string{
		"offerable 2 S6", "filtered 1 S1 30s", "inactive agent 1 S4", "capability 1 S2", "minimum 2 S3", "another's turn 1 S0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}

	w.quota("a", "cpus:0.5") // which its one cpu is beyond
	want = slices.Concat([]string{"quota limit 3 S1"}, want[2:])
	if got := explained(t, w, "f1", "a"); !slices.Equal(got, want) {
		t.Errorf("with quota got  %q\nwant %q", got, want)
	}

	w.c.Suppress("f1", nil)
	if got := explained(t, w, "f1", "a"); !slices.Equal(got, []string{"suppressed 8 S0"}) {
		t.Errorf("suppressed: got %q", got)
	}
	w.c.DeactivateFramework("f1")
	if got := explained(t, w, "f1", "a"); !slices.Equal(got, []string{"inactive framework 8 S0"}) {
		t.Errorf("inactive: got %q", got)
	}
	for _, c := range []Client{{"f1", "b"}, {"f2", "a"}} {
		if _, ok := w.c.Explain(c.Framework, c.Role); ok {
			t.Errorf("%v: got an explanation of what is not there", c)
		}
	}
}

func explained(t *testing.T, w *world, id, role string) []string {
	t.Helper()
	x, ok := w.c.Explain(id, role)
	if !ok || x.Offers != 2 || !x.LastOffer.Equal(start) || x.Holding != 1 {
		t.Errorf("got %+v, %v, want 2 offers, the last at the start, and 1 agent held", x, ok)
	}
	var lines []string
	for _, r := range x.Reasons {
		line := fmt.Sprint(r.Reason, " ", r.Agents, " ", r.AgentID)
		if !r.Until.IsZero() {
			line += " " + r.Until.Sub(start).Truncate(time.Second).String()
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}
