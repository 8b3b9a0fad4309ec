package cgroups

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

func perf(t testing.TB, events string, every time.Duration) *Perf {
	t.Helper()
	p, err := ParsePerf(events, every, every)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// needPerf wants a kernel that counts what every kernel can count, and tells by which version of cgroups.
func needPerf(t testing.TB) (l *cgroup.Layout, version int) {
	t.Helper()
	l = needKernel(t)
	version, err := l.Version(subsystems["perf_event"].v1, nil)
	if err != nil {
		t.Skip(err)
	}
	_, err = New(l, Options{Root: "mesos", Perf: perf(t, "task-clock,page-faults", time.Second)}, "cgroups/perf_event")
	if missing := (*isolators.MissingError)(nil); errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l, version
}

func TestParsePerf(t *testing.T) {
	p, err := ParsePerf("L1-dcache-loads, page_faults,faults,CS", 3*time.Second, 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(perfNames(p.events), " "), "l1-dcache-loads page-faults context-switches"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p, err := ParsePerf(" ", time.Second, time.Minute); p != nil || err != nil {
		t.Errorf("no events: got %v, %v, want nil", p, err)
	}
	for _, c := range []struct {
		events             string
		interval, duration time.Duration
		want               string
	}{
		{"cycles,speed", time.Second, time.Second, `unknown event "speed": want some of cycles, stalled-cycles-frontend, `},
		{"cycles,", time.Second, time.Second, `unknown event ""`},
		{"cycles", time.Second, time.Minute, "flag --perf_interval 1s: want at least --perf_duration, 1m0s"},
		{"cycles", time.Second, 0, "flag --perf_duration 0s: want more than 0"},
	} {
		if _, err := ParsePerf(c.events, c.interval, c.duration); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, %v, %v: got %v, want an error with %q", c.events, c.interval, c.duration, err, c.want)
		}
	}
}

// TestPerfFields wants an event for each field of the message, and a field for each event.
func TestPerfFields(t *testing.T) {
	s := &v1.PerfStatistics{}
	for n, e := range perfEvents {
		e.set(s, uint64(n+1)*1e6)
	}
	fields := s.ProtoReflect().Descriptor().Fields()
	if got, want := len(perfEvents), fields.Len()-2; got != want {
		t.Errorf("got %d events, want %d, as many as there are fields", got, want)
	}
	for n := range fields.Len() {
		if f := fields.Get(n); f.Name() != "timestamp" && f.Name() != "duration" && !s.ProtoReflect().Has(f) {
			t.Errorf("no event is for the field %s", f.Name())
		}
	}
	e, err := findPerfEvent("task-clock")
	if err != nil {
		t.Fatal(err)
	}
	if e.set(s, 1_500_000); s.GetTaskClock() != 1.5 {
		t.Errorf("task-clock of 1500000 ns: got %v, want 1.5 ms", s.GetTaskClock())
	}
}

func TestScaled(t *testing.T) {
	for _, c := range [][4]uint64{
		{10, 0, 0, 10}, {10, 5, 5, 10}, {10, 6, 3, 20}, {1 << 62, 1 << 40, 1 << 39, 1 << 63}, {1 << 63, 1 << 40, 1, 1 << 63},
	} {
		if got := scaled(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%d, enabled %d, running %d: got %d, want %d", c[0], c[1], c[2], got, c[3])
		}
	}
}

func TestParseCores(t *testing.T) {
	if got, err := parseCores("0-2,5,7-8"); err != nil || fmt.Sprint(got) != "[0 1 2 5 7 8]" {
		t.Errorf("got %v, %v, want [0 1 2 5 7 8]", got, err)
	}
	for _, bad := range []string{"", "a", "3-1", "1,,2", "-1"} {
		if _, err := parseCores(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}

// TestPerfRefused asks for an event that this machine does not count: most virtual ones lack those of the processor.
func TestPerfRefused(t *testing.T) {
	l, _ := needPerf(t)
	made := func(name string, e perfEvent) error {
		_, err := New(l, Options{Root: "mesos", Perf: perf(t, "page-faults,"+e.name, time.Second)}, name)
		return err
	}
	var works, refused []perfEvent
	var last *PerfEventError
	for _, e := range perfEvents {
		err := made("cgroups/perf_event", e)
		if err == nil {
			works = append(works, e)
			continue
		}
		if refused = append(refused, e); !errors.As(err, &last) || last.Event != e.name || last.Err == nil {
			t.Fatalf("%s: got %v, want a PerfEventError that names it", e.name, err)
		}
	}
	if len(refused) == 0 {
		t.Skip("this machine counts every event there is")
	}
	if got, want := strings.Join(last.Works, " "), strings.Join(perfNames(works), " "); got != want || !strings.Contains(got, "page-faults") {
		t.Errorf("what works: got %s, want %s", got, want)
	}
	// What was asked for by name is not left out because it stands with all others.
	if err := made(All, refused[0]); !errors.As(err, &last) || last.Event != refused[0].name {
		t.Errorf("%s with %s: got %v, want a PerfEventError of it", All, refused[0].name, err)
	}
}

// TestPerfWanted leaves out what nobody has named events for, and says what is missing.
func TestPerfWanted(t *testing.T) {
	l := needKernel(t)
	if i, err := New(l, Options{Root: "mesos"}, All); err != nil || slices.Contains(i.names, "perf_event") {
		t.Errorf("%s without events: got %v, %v, want none that counts", All, i, err)
	}
	_, err := New(l, Options{Root: "mesos"}, "cgroups/perf_event")
	if !errors.Is(err, errNoEvents) {
		t.Errorf("got %v, want %v", err, errNoEvents)
	}
	_, err = New(onFake(t).layout, Options{Root: "mesos", Perf: perf(t, "page-faults", time.Second)}, "cgroups/perf_event")
	if missing := (*isolators.MissingError)(nil); !errors.As(err, &missing) || !strings.Contains(err.Error(), "counters of events in cgroups") {
		t.Errorf("on what is no cgroup: got %v, want a MissingError", err)
	}
}
