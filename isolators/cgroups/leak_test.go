package cgroups

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	"mesos/isolators/isolatortest"
)

// TestNothingIsLeft runs containers with everything that can go wrong on the way,
// and an agent that dies in between. on wants no cgroup left.
func TestNothingIsLeft(t *testing.T) {
	m := on(t, needKernel(t))
	before := descriptors(t)
	for round := range 3 {
		i := m.ready(t, Options{CFS: true, PIDs: 50, Perf: perf(t, "page-faults,task-clock", 10*time.Millisecond)}, "cgroups/all")
		var all sync.WaitGroup
		for n := range 16 {
			id := fmt.Sprintf("c%d-%d", round, n)
			p := isolatortest.Start(t, "sleep 1000 & sleep 1000 & (exec setsid sleep 1000) & exec sleep 1000")
			all.Go(func() {
				if err := faulty(t.Context(), i, id, p, n%8); err != nil {
					t.Errorf("container %s: %v", id, err)
				}
			})
		}
		all.Wait()
		i.Close()
	}
	// The last agent finds nothing but what the others left.
	i := m.ready(t, Options{}, "cgroups/all")
	for _, d := range m.roots() {
		if left, err := d.Children(); len(left) > 0 || err != nil {
			t.Errorf("cgroup %s: got %v, %v, want none", d.Path, left, err)
		}
	}
	i.Close()
	isolatortest.Eventually(t, "no more descriptors than before", func() bool {
		return !slices.ContainsFunc(descriptors(t), func(d string) bool { return !slices.Contains(before, d) })
	})
}

// faulty is one container's life with a fault of a kind.
func faulty(ctx context.Context, i *Isolator, id string, p *isolatortest.Process, fault int) error {
	if err := i.Prepare(ctx, isolators.Container{ID: id, Demand: isolators.Demand{CPUs: 0.1, Mem: 64 << 20}}, &boot.Launch{}); err != nil {
		return err
	}
	if fault == 0 { // the process was never made
		return i.Cleanup(ctx, id)
	}
	if fault == 1 { // the agent dies before the process is isolated
		return nil
	}
	if err := i.Isolate(ctx, id, p.PID); err != nil {
		return err
	}
	if fault == 2 { // killed before it runs
		return i.Cleanup(ctx, id)
	}
	p.Release()
	switch fault {
	case 3: // the agent dies
		return nil
	case 4: // somebody froze it
		for _, r := range i.roots {
			if d := r.below(id); d.Has("freezer.state") {
				if err := d.Write("freezer.state", "FROZEN"); err != nil {
					return err
				}
			}
		}
	case 5: // something was nested in it
		if err := i.Prepare(ctx, isolators.Container{ID: id + ".inner"}, &boot.Launch{}); err != nil {
			return err
		}
	case 6: // cleaning up is cut short
		short, end := context.WithCancel(ctx)
		end()
		_ = i.Cleanup(short, id)
	}
	return i.Cleanup(ctx, id)
}

// descriptors are what this program holds open of cgroups and events. (Those of processes are the test's own, too.)
func descriptors(t *testing.T) (out []string) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && (strings.Contains(to, "eventfd") || strings.Contains(to, "inotify") || strings.Contains(to, "bpf") || strings.Contains(to, "perf_event") || strings.Contains(to, "cgroup")) {
			out = append(out, e.Name()+" "+to)
		}
	}
	return out
}

// TestEmptyByFreezer kills what forks all the time, where nothing else than the v1
// freezer stops it.
func TestEmptyByFreezer(t *testing.T) {
	l := needV1(t, "freezer", "pids")
	m := on(t, &cgroup.Layout{V1: map[string]string{"freezer": l.V1["freezer"], "pids": l.V1["pids"]}, Kernel: l.Kernel})
	i := m.ready(t, Options{PIDs: 200}, "cgroups/pids")
	p := container(t, i, isolators.Container{ID: "bomb"},
		"n=0; while [ $n -lt 25 ]; do (while :; do /bin/true; done) & n=$((n+1)); done; wait")
	p.Release()
	isolatortest.Eventually(t, "20 processes", func() bool {
		pids, err := i.dir("pids", "bomb").PIDs("cgroup.procs")
		if err != nil {
			t.Fatal(err)
		}
		return len(pids) > 20
	})
	if err := i.Cleanup(t.Context(), "bomb"); err != nil {
		t.Error(err)
	}
	p.Wait()
}
