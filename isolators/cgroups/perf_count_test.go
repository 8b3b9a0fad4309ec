package cgroups

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

// faultsVariable makes this program one that touches so many pages for the first time, and ends.
const faultsVariable = "MESOS_TEST_TOUCH_PAGES"

func touchPages() {
	var pages int
	if _, err := fmt.Sscan(os.Getenv(faultsVariable), &pages); err != nil {
		panic(err)
	}
	size := os.Getpagesize()
	b, err := unix.Mmap(-1, 0, pages*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		panic(err)
	}
	// Huge pages would be touched by the hundreds.
	if err := unix.Madvise(b, unix.MADV_NOHUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		panic(err)
	}
	for at := 0; at < len(b); at += size {
		b[at] = 1
	}
}

// TestPerfPageFaults counts a known number of page faults, in their container alone.
func TestPerfPageFaults(t *testing.T) {
	l, version := needPerf(t)
	t.Run(fmt.Sprintf("v%d", version), func(t *testing.T) {
		const pages = 20000
		o := Options{Perf: perf(t, "page-faults,minor-faults,task-clock,context-switches", time.Hour)}
		i := on(t, l).ready(t, o, "cgroups/perf_event")
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		p := container(t, i, isolators.Container{ID: "busy"}, fmt.Sprintf("%s=%d exec %s", faultsVariable, pages, self))
		if err := i.Prepare(t.Context(), isolators.Container{ID: "empty"}, &boot.Launch{}); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := i.Cleanup(context.Background(), "empty"); err != nil {
				t.Error(err)
			}
		}()
		cores, err := coresOnline()
		if err != nil {
			t.Fatal(err)
		}
		counts := map[string]func() []uint64{}
		for _, id := range []string{"busy", "empty"} {
			c, err := openPerf(i.dir("perf_event", id), o.Perf.events, cores)
			if err != nil {
				t.Fatal(err)
			}
			defer c.close()
			counts[id] = func() []uint64 {
				n, err := c.read()
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
		began := time.Now()
		p.Release()
		if out, err := p.Wait(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		got := counts["busy"]()
		most := uint64(len(cores)) * uint64(time.Since(began))
		if got[0] < pages || got[0] >= 2*pages || got[1] < pages || got[1] >= 2*pages {
			t.Errorf("page faults: got %d, %d of them minor, want at least %d and less than double", got[0], got[1], pages)
		}
		if got[2] == 0 || got[2] > most+most/10 {
			t.Errorf("task-clock: got %d ns, want some, not more than the %d there were", got[2], most)
		}
		if none := counts["empty"](); slices.Max(none) != 0 {
			t.Errorf("of an empty container: got %v, want only 0", none)
		}
		t.Logf("%d pages: %d page faults, %d minor, %d ns, %d context switches", pages, got[0], got[1], got[2], got[3])
	})
}

// TestPerfSamples counts in a container over a restart of the agent, until it is gone.
func TestPerfSamples(t *testing.T) {
	l, version := needPerf(t)
	t.Run(fmt.Sprintf("v%d", version), func(t *testing.T) {
		m := on(t, l)
		o := Options{Perf: perf(t, "page-faults,task-clock", 20*time.Millisecond)}
		sample := func(i *Isolator, since time.Time) *v1.PerfStatistics {
			var s *v1.PerfStatistics
			isolatortest.Eventually(t, "page faults counted", func() bool {
				u := &v1.ResourceStatistics{}
				if err := i.Usage("a", u); err != nil {
					t.Fatal(err)
				}
				if s = u.GetPerf(); s == nil || s.Timestamp == nil || s.Duration == nil {
					t.Fatalf("got %v, want when it was counted, and how long", u)
				}
				return s.GetTimestamp() >= unixSeconds(since) && s.GetPageFaults() > 0 && s.GetTaskClock() > 0
			})
			return s
		}
		i := m.ready(t, o, "cgroups/perf_event")
		p := container(t, i, isolators.Container{ID: "a"}, "while :; do /bin/true; done")
		p.Release()
		if s := sample(i, time.Time{}); s.GetDuration() < 0.02 || s.Cycles != nil {
			t.Errorf("got %v, want page faults and task clock of 0.02 s at least", s)
		}
		i.Close()
		if left := counters(t); len(left) > 0 {
			t.Errorf("after the agent's end: counters %v are open", left)
		}
		restarted := time.Now()
		i = m.isolator(t, o, "cgroups/perf_event")
		if err := i.Recover(t.Context(), []isolators.Live{{ID: "a", PID: p.PID}}); err != nil {
			t.Fatal(err)
		}
		sample(i, restarted)
		if err := i.Cleanup(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if left := counters(t); len(left) > 0 {
			t.Errorf("after the container's end: counters %v are open", left)
		}
	})
}

// counters are those of events that this program has open.
func counters(t *testing.T) []string {
	return slices.DeleteFunc(descriptors(t), func(d string) bool { return !strings.Contains(d, "perf_event") })
}
