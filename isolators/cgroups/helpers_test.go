package cgroups

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"go.uber.org/goleak"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroupfake"
	"mesos/isolators/isolatortest"
)

func TestMain(m *testing.M) {
	if os.Getenv(faultsVariable) != "" {
		touchPages()
		return
	}
	sweep()
	goleak.VerifyTestMain(m)
}

const testRoot = "mesos-test-"

// machine is where a test makes cgroups.
type machine struct {
	layout *cgroup.Layout
	root   string
}

// inV2 is what controllers of version 1 are called in version 2, where that differs.
var inV2 = map[string]string{"cpuacct": "cpu", "blkio": "io"}

// needKernel wants controllers, by their names in version 1, of either version. Rootless or bare machines cannot run what
// needs the kernel.
func needKernel(t testing.TB, controllers ...string) *cgroup.Layout {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make cgroups")
	}
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		t.Skip(err)
	}
	for _, c := range controllers {
		at := l.V1[c]
		if name := cmp.Or(inV2[c], c); at == "" && slices.Contains(l.V2Controllers, name) {
			at = l.V2
		}
		if at == "" {
			t.Skipf("no cgroup hierarchy with controller %s is mounted", c)
		}
		if unix.Access(at, unix.W_OK) != nil {
			t.Skipf("the cgroup hierarchy %s is read-only", at)
		}
	}
	return l
}

// needV1 wants controllers of version 1.
func needV1(t testing.TB, controllers ...string) *cgroup.Layout {
	t.Helper()
	l := needKernel(t)
	for _, c := range controllers {
		if l.V1[c] == "" {
			t.Skipf("no cgroup v1 hierarchy with controller %s is mounted", c)
		}
	}
	return needKernel(t, controllers...)
}

var tests atomic.Int64

// on gives a machine with a root that nobody else has, removed in the end.
func on(t testing.TB, l *cgroup.Layout) machine {
	t.Helper()
	m := machine{l, fmt.Sprintf("%s%d-%d", testRoot, os.Getpid(), tests.Add(1))}
	t.Cleanup(func() {
		ctx, end := context.WithTimeout(context.Background(), isolatortest.Deadline)
		defer end()
		for _, d := range m.roots() {
			if left, _ := d.Children(); len(left) > 0 {
				t.Errorf("cgroup %s: %v are left behind", d.Path, left)
			}
			if err := cgroup.Empty(ctx, d); err != nil {
				t.Error(err)
			}
			if err := cgroup.Remove(ctx, d); err != nil {
				t.Error(err)
			}
		}
	})
	return m
}

func (m machine) roots() (out []cgroup.Dir) {
	for _, at := range m.layout.V1 {
		out = append(out, cgroup.Dir{Kernel: m.layout.Kernel, Version: 1, Path: filepath.Join(at, m.root)})
	}
	for _, at := range m.layout.Named {
		out = append(out, cgroup.Dir{Kernel: m.layout.Kernel, Version: 1, Path: filepath.Join(at, m.root)})
	}
	if m.layout.V2 != "" {
		out = append(out, cgroup.Dir{Kernel: m.layout.Kernel, Version: 2, Path: filepath.Join(m.layout.V2, m.root)})
	}
	return out
}

func (m machine) isolator(t testing.TB, o Options, names ...string) *Isolator {
	t.Helper()
	o.Root = m.root
	i, err := New(m.layout, o, names...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i
}

// ready is an isolator that has recovered nothing.
func (m machine) ready(t testing.TB, o Options, names ...string) *Isolator {
	t.Helper()
	i := m.isolator(t, o, names...)
	if err := i.Recover(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return i
}

// onFake is a machine that has cgroup v2 in full, limiting nothing.
func onFake(t testing.TB) machine {
	t.Helper()
	l, _, err := cgroupfake.New(t.TempDir(), "cpu", "memory", "pids", "cpuset", "io", "hugetlb")
	if err != nil {
		t.Fatal(err)
	}
	return on(t, l)
}

// container launches a script as a container that waits to be released, and
// cleans it up in the end.
func container(t testing.TB, i *Isolator, c isolators.Container, script string) *isolatortest.Process {
	t.Helper()
	t.Cleanup(func() {
		if err := i.Cleanup(context.Background(), c.ID); err != nil {
			t.Error(err)
		}
	})
	if err := i.Prepare(t.Context(), c, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	p := isolatortest.Start(t, script)
	if err := i.Isolate(t.Context(), c.ID, p.PID); err != nil {
		t.Fatal(err)
	}
	return p
}

// sweep removes what tests that were killed have left: their program is gone.
func sweep() {
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil || os.Geteuid() != 0 {
		return
	}
	ctx, end := context.WithTimeout(context.Background(), isolatortest.Deadline)
	defer end()
	for _, d := range (machine{layout: l}).roots() {
		names, _ := d.Children()
		for _, n := range names {
			var pid int
			if !strings.HasPrefix(n, testRoot) {
				continue
			}
			if _, err := fmt.Sscanf(n, testRoot+"%d-", &pid); err != nil || unix.Kill(pid, 0) == nil {
				continue
			}
			_ = cgroup.Empty(ctx, d.Below(n))
			_ = cgroup.Remove(ctx, d.Below(n))
		}
	}
}
