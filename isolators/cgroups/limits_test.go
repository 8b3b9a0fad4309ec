package cgroups

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

func usage(t testing.TB, i *Isolator, id string) *v1.ResourceStatistics {
	t.Helper()
	to := &v1.ResourceStatistics{}
	if err := i.Usage(id, to); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestCPULimitHolds wants a loop to be stopped again and again, and to have no
// more than its share of the time. A busy machine can only give it less.
func TestCPULimitHolds(t *testing.T) {
	i := on(t, needKernel(t, "cpu", "cpuacct")).ready(t, Options{CFS: true}, "cgroups/cpu")
	p := container(t, i, isolators.Container{ID: "loop", Demand: isolators.Demand{CPUs: 0.25}}, "while :; do :; done")
	begin := time.Now()
	p.Release()
	var s *v1.ResourceStatistics
	var used float64
	// On a busy machine it may get less than it may have, and is never stopped.
	isolatortest.Eventually(t, "10 periods with a stop, or half a second of cpu time", func() bool {
		s = usage(t, i, "loop")
		used = s.GetCpusUserTimeSecs() + s.GetCpusSystemTimeSecs()
		return s.GetCpusNrThrottled() >= 10 || used >= 0.5
	})
	// A period's quota may be spent at the begin and at the end; each core
	// may run over by the slice that it was given.
	if most := 0.25*(time.Since(begin).Seconds()+0.2) + 0.05; used > most {
		t.Errorf("cpu time used: got %.3f s, want at most %.3f", used, most)
	}
	// The time of a stop is told when it is over.
	if n := s.GetCpusNrThrottled(); s.GetCpusLimit() != 0.25 || n > 1 && s.GetCpusThrottledTimeSecs() <= 0 {
		t.Errorf("limit and throttled time: got %v and %v after %d stops, want 0.25 and more than 0", s.GetCpusLimit(), s.GetCpusThrottledTimeSecs(), n)
	}
}

func TestOutOfMemory(t *testing.T) {
	i := on(t, needKernel(t, "memory")).ready(t, Options{}, "cgroups/mem")
	p := container(t, i, isolators.Container{ID: "hungry", Demand: isolators.Demand{Mem: 48 << 20}}, "exec tail /dev/zero")
	p.Release()
	select {
	case l := <-i.Watch("hungry"):
		if l.Reason != v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY {
			t.Errorf("reason: got %v, want REASON_CONTAINER_LIMITATION_MEMORY", l.Reason)
		}
		if want := "Memory limit exceeded: Requested: 48MB Limit: 48MB Maximum Used: 48MB"; !strings.HasPrefix(l.Message, want) {
			t.Errorf("message: got %q, want it to begin with %q", l.Message, want)
		}
		if len(l.Resources) != 1 || l.Resources[0].GetName() != "mem" || l.Resources[0].GetScalar().GetValue() != 48 {
			t.Errorf("resources: got %v, want mem 48", l.Resources)
		}
	case <-time.After(isolatortest.Deadline):
		t.Fatal("no limitation")
	}
	if out, err := p.Wait(); err == nil {
		t.Errorf("end of what has no memory: got exit 0 (%q), want a kill", out)
	}
	s := usage(t, i, "hungry")
	if s.GetMemLimitBytes() != 48<<20 || i.layout.V1["memory"] != "" && s.MemLowPressureCounter == nil {
		t.Errorf("limit and pressure: got %v and %v, want %d and a count", s.GetMemLimitBytes(), s.MemLowPressureCounter, 48<<20)
	}
}

// TestOutOfMemoryWhileAway has the kernel kill while no agent runs.
func TestOutOfMemoryWhileAway(t *testing.T) {
	m := on(t, needKernel(t, "memory"))
	i := m.ready(t, Options{}, "cgroups/mem")
	// The first process stays, as an executor would.
	p := container(t, i, isolators.Container{ID: "hungry", Demand: isolators.Demand{Mem: 48 << 20}}, "tail /dev/zero; echo over; exec sleep 1000")
	i.Close()
	p.Release()
	dir := i.dir("mem", "hungry")
	isolatortest.Eventually(t, "out of memory", func() bool { return outOfMemory(dir) })
	again := m.isolator(t, Options{}, "cgroups/mem")
	if err := again.Recover(t.Context(), []isolators.Live{{ID: "hungry", PID: p.PID}}); err != nil {
		t.Fatal(err)
	}
	select {
	case l := <-again.Watch("hungry"):
		if !strings.Contains(l.Message, "Limit: 48MB") {
			t.Errorf("message: got %q, want the limit in it", l.Message)
		}
	case <-time.After(isolatortest.Deadline):
		t.Error("no limitation")
	}
	if err := again.Cleanup(t.Context(), "hungry"); err != nil {
		t.Error(err)
	}
}

func TestMemoryInUseIsNotTaken(t *testing.T) {
	i := on(t, needKernel(t, "memory")).ready(t, Options{}, "cgroups/mem")
	// tail keeps what it reads until the end, which does not come.
	p := container(t, i, isolators.Container{ID: "big", Demand: isolators.Demand{Mem: 256 << 20}}, "{ head -c 100000000 /dev/zero; exec sleep 1000; } | tail")
	p.Release()
	isolatortest.Eventually(t, "90 MB in use", func() bool { return usage(t, i, "big").GetMemRssBytes() > 90<<20 })
	err := i.Update(t.Context(), "big", isolators.Demand{Mem: 33 << 20})
	if err == nil || !strings.Contains(err.Error(), "memory limit 33MB: ") {
		t.Errorf("limit below use: got %v, want an error that names it", err)
	}
	if err := i.Update(t.Context(), "big", isolators.Demand{Mem: 33 << 20, MemLimit: isolators.Unlimited}); err != nil {
		t.Errorf("no limit: %v", err)
	}
	if s := usage(t, i, "big"); s.GetMemSoftLimitBytes() != 33<<20 || s.GetMemLimitBytes() < math.MaxInt64/2 {
		t.Errorf("soft and hard limit: got %d and %d, want %d and none", s.GetMemSoftLimitBytes(), s.GetMemLimitBytes(), 33<<20)
	}
}

func TestForkBomb(t *testing.T) {
	i := on(t, needKernel(t, "pids", "cpu")).ready(t, Options{PIDs: 60, CountPIDs: true}, "cgroups/pids", "cgroups/cpu")
	p := container(t, i, isolators.Container{ID: "bomb", Demand: isolators.Demand{CPUs: 0.1, CPULimit: 0.2}}, "b() { b | b & }; while :; do b; done 2>/dev/null")
	p.Release()
	d := i.dir("pids", "bomb")
	isolatortest.Eventually(t, "a fork that was refused", func() bool {
		events, err := d.Table("pids.events")
		if err != nil {
			t.Fatal(err)
		}
		if n := usage(t, i, "bomb").GetThreads(); n > 60 {
			t.Fatalf("threads: got %d, want at most 60", n)
		}
		return events["max"] > 0
	})
	if err := i.Cleanup(t.Context(), "bomb"); err != nil {
		t.Error(err)
	}
	p.Wait()
}

func TestCPUSet(t *testing.T) {
	i := on(t, needKernel(t, "cpuset")).ready(t, Options{}, "cgroups/cpuset")
	p := container(t, i, isolators.Container{ID: "bound", CPUSet: "0"}, "grep Cpus_allowed_list /proc/self/status")
	p.Release()
	if out, err := p.Wait(); err != nil || out != "Cpus_allowed_list:\t0\n" {
		t.Errorf("cores: got %q, %v, want 0", out, err)
	}
	err := i.Prepare(t.Context(), isolators.Container{ID: "wrong", CPUSet: "1000000"}, &boot.Launch{})
	if err == nil || !strings.Contains(err.Error(), `cores "1000000"`) {
		t.Errorf("core that is none: got %v, want an error that names it", err)
	}
	if err := i.Cleanup(t.Context(), "wrong"); err != nil {
		t.Error(err)
	}
}

func TestDevices(t *testing.T) {
	const script = "for d in null zero kmsg random; do head -c 0 /dev/$d 2>/dev/null && echo $d; done; true"
	for name, get := range map[string]func(*testing.T) machine{
		"v1": func(t *testing.T) machine { return on(t, needV1(t, "devices")) },
		"v2": func(t *testing.T) machine { return on(t, onlyV2(t)) },
	} {
		for _, c := range []struct {
			more []Device
			want string
		}{
			{nil, "null\nzero\nrandom\n"},
			{[]Device{{'c', 1, 11, "r"}}, "null\nzero\nkmsg\nrandom\n"},
			{[]Device{{'c', 1, 11, "w"}}, "null\nzero\nrandom\n"},
			{[]Device{{'a', Any, Any, "rwm"}}, "null\nzero\nkmsg\nrandom\n"},
		} {
			t.Run(fmt.Sprint(name, c.more), func(t *testing.T) {
				i := get(t).ready(t, Options{Devices: c.more}, "cgroups/devices")
				p := container(t, i, isolators.Container{ID: "c"}, script)
				p.Release()
				if out, err := p.Wait(); err != nil || out != c.want {
					t.Errorf("devices to be opened: got %q, %v, want %q", out, err, c.want)
				}
			})
		}
	}
}

// TestSetDevices lets a container use more devices while it runs, and fewer again.
func TestSetDevices(t *testing.T) {
	for name, get := range map[string]func(*testing.T) machine{
		"v1": func(t *testing.T) machine { return on(t, needV1(t, "devices")) },
		"v2": func(t *testing.T) machine { return on(t, onlyV2(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			i := get(t).ready(t, Options{}, "cgroups/devices")
			dir := t.TempDir()
			p := container(t, i, isolators.Container{ID: "c"}, "cd "+dir+`; for n in 1 2 3 4; do while [ ! -e ask$n ]; do sleep 0.01; done
				for d in null kmsg full; do head -c 0 /dev/$d 2>/dev/null && echo $d; done > said; mv said said$n; done`)
			p.Release()
			kmsg, full := []Device{{'c', 1, 11, "rw"}}, []Device{{'c', 1, 7, "r"}, {'c', 1, 11, "rwm"}}
			// Who knows no more of the container than where its cgroups are can do it, too.
			f := ForeignAt(i.layout, filepath.Join("/", i.options.Root, "c"))
			var was []Device
			for n, step := range []struct {
				now  []Device
				want string
			}{{nil, "null\nfull\n"}, {kmsg, "null\nkmsg\nfull\n"}, {full, "null\nkmsg\nfull\n"}, {nil, "null\nfull\n"}} {
				set := func() error { return i.SetDevices("c", was, step.now) }
				if n%2 == 1 {
					set = func() error { return f.SetDevices(i.options, was, step.now) }
				}
				if err := set(); err != nil {
					t.Fatal(err)
				}
				was = step.now
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("ask", n+1)), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				var got []byte
				isolatortest.Eventually(t, "an answer", func() (there bool) {
					var err error
					got, err = os.ReadFile(filepath.Join(dir, fmt.Sprint("said", n+1)))
					return err == nil
				})
				if string(got) != step.want {
					t.Errorf("%v: got %q to be opened, want %q", step.now, got, step.want)
				}
			}
			if err := i.SetDevices("none", nil, nil); !errors.Is(err, isolators.ErrUnknownContainer) {
				t.Errorf("of one that is not there: got %v", err)
			}
			if err := i.SetDevices("c", nil, []Device{{'x', 1, 1, "r"}}); err == nil {
				t.Error("no device: got no error")
			}
		})
	}
}

func TestBadDevices(t *testing.T) {
	i := onFake(t).isolator(t, Options{})
	for _, d := range []Device{{'x', 1, 1, "r"}, {'c', -2, 1, "r"}, {'c', 1 << 12, 1, "r"}, {'c', 1, 1 << 20, "r"}, {'c', 1, 1, ""}, {'c', 1, 1, "x"}} {
		err := prepareDevices(Options{Devices: []Device{d}}, i.roots[0].Dir, isolators.Container{})
		if err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("%s: got %v, want an error that says what would be right", d, err)
		}
	}
}

func TestNames(t *testing.T) {
	l := onFake(t).layout
	var unknown *isolators.UnknownError
	if _, err := New(l, Options{Root: "mesos"}, "cgroups/net_prio"); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "cgroups/all, cgroups/blkio, cgroups/cpu,") {
		t.Errorf("bad name: got %v, want one that lists the good ones", err)
	}
	l.V2Controllers = []string{"cpu"}
	var missing *isolators.MissingError
	if _, err := New(l, Options{Root: "mesos"}, "cgroups/mem"); !errors.As(err, &missing) || missing.Feature != "cgroup controller memory" {
		t.Errorf("no controller: got %v, want that memory is missing", err)
	}
	for _, root := range []string{"", "/mesos", "../x", "a//b"} {
		if _, err := New(l, Options{Root: root}); err == nil {
			t.Errorf("root %q: got no error", root)
		}
	}
}

func TestBadIDs(t *testing.T) {
	i := onFake(t).ready(t, Options{}, "cgroups/cpu")
	for _, id := range []string{"", ".", "..", "a..b", "a/b", "../x", strings.Repeat("x", 201)} {
		if err := i.Prepare(t.Context(), isolators.Container{ID: id}, &boot.Launch{}); err == nil {
			t.Errorf("id %q: got no error", id)
		}
	}
}
