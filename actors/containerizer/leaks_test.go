package containerizer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"mesos/actors/containerizer/proctree"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
)

// everything that can be asked for, so that all of it can be left behind.
const everything = "cgroups/all,posix/rlimits,filesystem/linux,namespaces/pid,namespaces/ipc,linux/capabilities,linux/nnp"

// TestNothingIsLeft runs containers with everything that can go wrong on the way,
// LEAKS of them (40), and compares what the machine has before and after: mounts,
// descriptors and processes here, cgroups by newIsolated.
func TestNothingIsLeft(t *testing.T) {
	p := newIsolated(t, everything, cgroups.Options{PIDs: 100})
	count := 40
	if n, err := strconv.Atoi(os.Getenv("LEAKS")); err == nil {
		count = n
	}
	warm := config(t, "warm", shell("true"))
	run(t, p, warm) // what is opened once is open from now on
	mounts, open := read(t, "/proc/self/mountinfo"), descriptors(t)
	dir := t.TempDir()
	places := make(chan struct{}, 8)
	var all sync.WaitGroup
	for n := range count {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			sandbox := filepath.Join(dir, "runs", fmt.Sprint("c", n))
			faulty(p, n%8, Config{ContainerID: fmt.Sprint("c", n), Sandbox: sandbox, Command: shell("(setsid sleep 1000 &); sleep 1000"), Environment: []string{"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + sandbox}})
		})
	}
	all.Wait()
	if now := read(t, "/proc/self/mountinfo"); now != mounts {
		t.Errorf("mounts: got\n%s\nwant as before\n%s", now, mounts)
	}
	eventually(t, func() bool { return descriptors(t) <= open })
	if left := proctree.MarkedBelow(sandboxMark, dir); len(left) > 0 {
		t.Errorf("got processes %v, want none", left)
	}
}

// faulty is one container's life with a fault of a kind.
func faulty(p *Posix, fault int, c Config) {
	ctx, give := context.WithCancel(context.Background())
	defer give()
	switch fault {
	case 0: // ends by itself, with a daemon left
		c.Command = shell("(setsid sleep 1000 &); exit 1")
	case 1: // cannot be executed
		c.Command = program("/no/such/program")
	case 2: // is given up while it is launched
		time.AfterFunc(2*time.Millisecond, give)
	case 3: // is destroyed while it is launched
		time.AfterFunc(2*time.Millisecond, func() { p.Destroy(c.ContainerID) })
	case 4: // its isolators refuse
		c.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{EffectiveCapabilities: capable(3)}}
	}
	m, err := p.Launch(ctx, c)
	if err != nil {
		return
	}
	exit := p.Wait(c.ContainerID)
	switch fault {
	case 5: // somebody kills its first process
		proctree.Kill(func() []int { return []int{m.PID} }, patience)
	case 6: // something is nested in it
		inner := within(c, "inner", shell("sleep 1000"))
		_, _ = p.Launch(ctx, inner)
	}
	if fault != 0 && fault != 5 {
		p.Destroy(c.ContainerID)
	}
	<-exit
}

func descriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// BenchmarkTrue launches /bin/true and waits for its end: as a plain process of the
// agent, and with cpu, memory and number of processes limited, and pids and mounts
// of its own. cpu-ms is the processor time of all of it, a container.
func BenchmarkTrue(b *testing.B) {
	for _, list := range []string{"", "posix/cpu", "cgroups/cpu,cgroups/mem,cgroups/pids,namespaces/pid"} {
		b.Run(list, func(b *testing.B) {
			var p *Posix
			if list == "" {
				p = newPosix(b)
			} else {
				p = newIsolated(b, list, cgroups.Options{CFS: true, PIDs: 100})
			}
			dir := b.TempDir()
			before := spent(b)
			b.ResetTimer()
			for n := range b.N {
				sandbox := filepath.Join(dir, fmt.Sprint(n))
				c := Config{ContainerID: fmt.Sprint("c", n), Sandbox: sandbox, Command: program("/bin/true"), Reaper: true, Environment: []string{"MESOS_SANDBOX=" + sandbox}}
				if _, err := p.Launch(b.Context(), c); err != nil {
					b.Fatal(err)
				}
				<-p.Wait(c.ContainerID)
			}
			b.StopTimer()
			b.ReportMetric(float64((spent(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms")
		})
	}
}
