package cgroups

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	"mesos/isolators/isolatortest"
)

func (m machine) around(t testing.TB, o Options, live ...isolators.Live) *Isolator {
	t.Helper()
	o.Root = m.root
	i, err := NewAround(m.layout, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	if err := i.Recover(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	return i
}

// made makes a cgroup in every hierarchy as a program does that makes containers, and puts a process there.
func (m machine) made(t testing.TB, id string) (*Foreign, *isolatortest.Process) {
	t.Helper()
	f := ForeignAt(m.layout, filepath.Join(Within(m.root, id), "container"))
	p := isolatortest.Start(t, "exec sleep 1000")
	for _, d := range f.dirs {
		if err := d.Ensure(); err != nil {
			t.Fatal(err)
		}
		if err := d.Write("cgroup.procs", fmt.Sprint(p.PID)); err != nil {
			t.Fatal(err)
		}
	}
	return f, p
}

// TestAround has another program make containers in cgroups that were made around them, over a restart of the agent:
// they have inherited what is set there, and nobody but the program moves or kills what is in them.
func TestAround(t *testing.T) {
	l := needKernel(t)
	l.Writable()
	class := uint32(0x12003f)
	if l.V1["net_cls"] == "" {
		at, err := mountNetClasses(t)
		if err != nil { // as where version 2 is alone
			class = 0
		} else {
			l.V1["net_cls"] = at
		}
	}
	m := on(t, l)
	o := Options{Asked: []string{All}, Handles: handles(t, "0x12", "0x3f,0x40")}
	i := m.around(t, o)
	for _, c := range []isolators.Container{{ID: "a"}, {ID: "a.b", Shared: true}, {ID: "left"}} {
		if err := i.Prepare(t.Context(), c, &boot.Launch{}); err != nil {
			t.Fatal(err)
		}
	}
	outer, p := m.made(t, "a")
	inner, _ := m.made(t, "a.b")
	if err := i.Isolate(t.Context(), "a", p.PID); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", p.PID))
	if err != nil {
		t.Fatal(err)
	}
	if where := fmt.Sprintf("/%s/a/container\n", m.root); strings.Count(string(text), where) < len(m.roots()) {
		t.Errorf("the process is in\n%swant %s in each of %d hierarchies", text, where, len(m.roots()))
	}
	for name, f := range map[string]*Foreign{"outer": outer, "inner": inner} {
		if class == 0 {
			continue
		}
		if got, err := f.dirs["net_cls"].Number(classFile); err != nil || got != uint64(class) || i.NetClass("a.b") != class {
			t.Errorf("class of the %s container: got %#x, %v, want %#x", name, got, err, class)
		}
	}
	if got, want := i.Place("a.b").V2, filepath.Join(l.V2, m.root, "a", within, "b"); l.V2 != "" && got != want {
		t.Errorf("place of a.b: got %s, want %s", got, want)
	}

	i.Close()
	stranger, q := m.made(t, "left") // whose agent does not know it any more
	i = m.around(t, o, isolators.Live{ID: "a", PID: p.PID}, isolators.Live{ID: "a.b", Shared: true})
	if in := stranger.Processes(); !slices.Contains(in, q.PID) {
		t.Errorf("processes of a container that is the program's to end: got %v, want %d", in, q.PID)
	}
	if i.NetClass("a") != class {
		t.Errorf("class after the restart: got %#x, want %#x", i.NetClass("a"), class)
	}
	ctx, end := context.WithTimeout(t.Context(), isolatortest.Deadline)
	defer end()
	for _, f := range []*Foreign{stranger, inner, outer} {
		if err := f.Remove(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"a.b", "a", "a"} {
		if err := i.Cleanup(ctx, id); err != nil {
			t.Fatal(err)
		}
	}
	m.around(t, o) // finds what is left of the stranger
}

// TestAroundV2 has the controllers of version 2 reach what a program makes within.
func TestAroundV2(t *testing.T) {
	m := onFake(t)
	i := m.around(t, Options{Asked: []string{"cgroups/hugetlb", "cgroups/mem"}})
	if err := i.Prepare(t.Context(), isolators.Container{ID: "a"}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	d := cgroup.Dir{Kernel: m.layout.Kernel, Version: 2, Path: filepath.Join(m.layout.V2, Within(m.root, "a"))}
	if got, err := d.Read("cgroup.subtree_control"); err != nil || got != "hugetlb" {
		t.Errorf("controllers within: got %q, %v, want hugetlb alone", got, err)
	}
	if in, err := d.Children(); err != nil || len(in) > 0 {
		t.Errorf("cgroups within: got %v, %v, want none: they are the program's", in, err)
	}
	if got := i.Place("a"); got.V2 != d.Path || got.Memory != d.Path {
		t.Errorf("place: got %+v, want %s for both", got, d.Path)
	}
	if err := i.Cleanup(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
}

// TestAroundMissing asks for what no machine with version 2 alone has.
func TestAroundMissing(t *testing.T) {
	l := onFake(t).layout
	_, err := NewAround(l, Options{Root: "mesos", Asked: []string{"cgroups/net_cls"}})
	if err == nil || !strings.Contains(err.Error(), "net_cls") {
		t.Errorf("got %v, want an error that names net_cls", err)
	}
}
