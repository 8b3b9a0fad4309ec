package ebpf

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	"mesos/isolators/isolatortest"
)

// TestMain is also the programs that tests run as containers: see loads.
func TestMain(m *testing.M) {
	if name := os.Getenv("EBPF_TEST_LOAD"); name != "" {
		if err := loads[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

var tests atomic.Int64

// machine is cgroups and a bpffs that no other test has. In the end nothing may be left of either.
type machine struct {
	layout *cgroup.Layout
	root   string
	fs     string
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can load eBPF programs")
	}
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		t.Skip(err)
	}
	if l.V2 == "" {
		t.Skip("cgroup v2 is not mounted")
	}
	if unix.Access(l.V2, unix.W_OK) != nil {
		t.Skipf("the cgroup hierarchy %s is read-only", l.V2)
	}
	if top, err := inode(l.V2); err != nil || top != rootInode {
		t.Skip("this is a cgroup namespace: the depth of cgroups cannot be known")
	}
	l.Writable()
	m := &machine{layout: l, root: fmt.Sprintf("mesos-test-ebpf-%d-%d", os.Getpid(), tests.Add(1)), fs: t.TempDir()}
	t.Cleanup(func() {
		if left, _ := os.ReadDir(filepath.Join(m.fs, "test")); len(left) > 0 {
			t.Errorf("pins: %v are left behind", left)
		}
		for mounted, _ := isBPF(m.fs); mounted; mounted, _ = isBPF(m.fs) {
			if err := unix.Unmount(m.fs, 0); err != nil {
				t.Fatalf("bpffs: %v", err)
			}
		}
		for _, at := range append(l.Mounts(), l.Named...) {
			d := cgroup.Dir{Kernel: l.Kernel, Path: filepath.Join(at, m.root)}
			if left, _ := d.Children(); len(left) > 0 {
				t.Errorf("cgroup %s: %v are left behind", d.Path, left)
			}
			_ = cgroup.Empty(context.Background(), d)
			_ = cgroup.Remove(context.Background(), d)
		}
	})
	return m
}

// isolator is one of cgroups and one of ours, as the catalog composes them.
func (m *machine) isolator(t testing.TB, o Options, names ...string) (*isolators.Set, *Isolator) {
	t.Helper()
	var groups []string
	if m.layout.V1["memory"] != "" || len(m.layout.V2Controllers) > 0 {
		groups = []string{"cgroups/mem"}
	}
	held, err := cgroups.New(m.layout, cgroups.Options{Root: m.root}, groups...)
	if err != nil {
		t.Fatal(err)
	}
	o.FS, o.Dir = m.fs, "test"
	i, err := New(held, o, names...)
	if err != nil {
		t.Fatal(err)
	}
	set := isolators.NewSet(held, i)
	t.Cleanup(set.Close)
	return set, i
}

// ready is one that has recovered what lives; the test is skipped where the kernel cannot have the programs.
func (m *machine) ready(t testing.TB, o Options, names []string, live ...isolators.Live) (*isolators.Set, *Isolator) {
	t.Helper()
	set, i := m.isolator(t, o, names...)
	if err := set.Recover(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	return set, i
}

// start makes a container of a script that waits to be released.
func start(t testing.TB, set *isolators.Set, c isolators.Container, script string) *isolatortest.Process {
	t.Helper()
	t.Cleanup(func() {
		if err := set.Cleanup(context.Background(), c.ID); err != nil {
			t.Error(err)
		}
	})
	if err := set.Prepare(t.Context(), c, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	p := isolatortest.Start(t, script)
	if err := set.Isolate(t.Context(), c.ID, p.PID); err != nil {
		t.Fatal(err)
	}
	return p
}

// ended waits for a process that must end well.
func ended(t testing.TB, p *isolatortest.Process) string {
	t.Helper()
	out, err := p.Wait()
	if err != nil {
		t.Fatalf("load: %v: %s", err, out)
	}
	return out
}

// figures by name and labels: "network_packets transmit udp".
func figures(t testing.TB, f isolators.Figurer, id string) map[string]float64 {
	t.Helper()
	list, err := f.Figures(id)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]float64)
	for _, f := range list {
		name := f.Name
		for _, l := range f.Labels {
			name += " " + l.Value
		}
		if _, twice := out[name]; twice {
			t.Errorf("figure %q is there twice", name)
		}
		out[name] = f.Value
		if h := f.Times; h != nil {
			out[name+" count"], out[name+" sum"], out[name+" last"] = float64(h.Count), h.Sum, float64(h.Buckets[len(h.Buckets)-1].Count)
		}
	}
	return out
}

func want(t testing.TB, got map[string]float64, wanted map[string]float64) {
	t.Helper()
	for name, w := range wanted {
		if g, there := got[name]; !there || g != w {
			t.Errorf("%s: got %v (%v), want %v", name, g, there, w)
		}
	}
}

// command runs a program of the machine that the test cannot do without.
func command(t testing.TB, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("program %s is not here", name)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}
