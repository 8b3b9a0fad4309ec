package cgroups

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
)

// netClasses is a machine with the hierarchy of net_cls, mounted where nobody looks for it, if not where it belongs.
func netClasses(t *testing.T) *cgroup.Layout {
	t.Helper()
	l := needKernel(t, "freezer")
	out := &cgroup.Layout{V1: map[string]string{"freezer": l.V1["freezer"], "net_cls": l.V1["net_cls"]}, Kernel: l.Kernel}
	if out.V1["net_cls"] != "" {
		return out
	}
	at, err := mountNetClasses(t)
	if err != nil {
		t.Skipf("no cgroup v1 hierarchy with net_cls can be mounted: %v", err)
	}
	out.V1["net_cls"] = at
	return out
}

// mountNetClasses mounts the hierarchy as long as the test runs.
func mountNetClasses(t *testing.T) (at string, err error) {
	t.Helper()
	at = t.TempDir()
	if err = unix.Mount("cgroup", at, "cgroup", 0, "net_cls,net_prio"); err != nil {
		err = unix.Mount("cgroup", at, "cgroup", 0, "net_cls")
	}
	if err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return at, nil
}

func handles(t *testing.T, primary, secondary string) *Handles {
	t.Helper()
	h, err := ParseHandles(primary, secondary)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestNetClasses gives containers classes until there are no more, over a restart
// of the agent.
func TestNetClasses(t *testing.T) {
	m := on(t, netClasses(t))
	class := func(i *Isolator, id string) uint64 {
		n, err := i.dir("net_cls", id).Number(classFile)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	i := m.ready(t, Options{Handles: handles(t, "0x12", "0x3f,0x40")}, "cgroups/net_cls")
	p := container(t, i, isolators.Container{ID: "a"}, "exec sleep 1000")
	if got := i.NetClass("a"); uint64(got) != class(i, "a") || got == 0 || i.NetClass("none") != 0 {
		t.Errorf("class of a: got %x, want that of its cgroup, %x; of none %x", got, class(i, "a"), i.NetClass("none"))
	}
	if got := class(i, "a"); got != 0x12003f {
		t.Errorf("first: got %#x, want 0x12003f", got)
	}
	i.Close()
	i = m.isolator(t, Options{Handles: handles(t, "0x12", "0x3f,0x40")}, "cgroups/net_cls")
	if err := i.Recover(t.Context(), []isolators.Live{{ID: "a", PID: p.PID}}); err != nil {
		t.Fatal(err)
	}
	container(t, i, isolators.Container{ID: "b"}, "exec sleep 1000")
	if got := class(i, "b"); got != 0x120040 {
		t.Errorf("second: got %#x, want 0x120040", got)
	}
	if err := i.Prepare(t.Context(), isolators.Container{ID: "c"}, &boot.Launch{}); err == nil || !strings.Contains(err.Error(), "want more than 2") {
		t.Errorf("third: got %v, want an error that says how many there are", err)
	}
	for _, id := range []string{"c", "a"} {
		if err := i.Cleanup(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	container(t, i, isolators.Container{ID: "d"}, "exec sleep 1000")
	if got := class(i, "d"); got != 0x12003f {
		t.Errorf("after the first is gone: got %#x, want 0x12003f", got)
	}
}

func TestBadHandles(t *testing.T) {
	for _, c := range [][3]string{
		{"x", "", `primary_handle "x": want a number`},
		{"0", "", "want a number from 0x0001"},
		{"0x10000", "", "want a number"},
		{"", "1,2", "needs --cgroups_net_cls_primary_handle"},
		{"1", "5", "want the first and the last"},
		{"1", "0,5", "want the first and the last"},
		{"1", "6,5", "want the first and the last"},
		{"1", "1,0x10000", "want the first and the last"},
	} {
		if _, err := ParseHandles(c[0], c[1]); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%q, %q: got %v, want an error with %q", c[0], c[1], err, c[2])
		}
	}
	if h, err := ParseHandles("", ""); h != nil || err != nil {
		t.Errorf("none: got %v, %v, want nil", h, err)
	}
	if h := handles(t, "0xffff", ""); h.Primary != 0xffff || h.First != 1 || h.Last != 0xffff {
		t.Errorf("all: got %d, %d to %d", h.Primary, h.First, h.Last)
	}
}
