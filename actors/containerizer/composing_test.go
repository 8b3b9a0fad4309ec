package containerizer

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"mesos/actors/fetcher"
	v1 "mesos/messages/mesos/v1"
)

// newComposing makes two containerizers: the first takes those whose host name says so.
func newComposing(t *testing.T) (m *Composing, named, other *Posix) {
	t.Helper()
	f := fetcher.New(fetcher.Options{})
	t.Cleanup(f.Close)
	make := func() *Posix {
		p, err := NewPosix(Options{Fetcher: f})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	named, other = make(), make()
	is := func(info *v1.ContainerInfo) error {
		if info.GetHostname() != "named" {
			return errors.New("its host name must be named")
		}
		return nil
	}
	m = NewComposing(
		Part{Name: "named", Posix: named, Accepts: is, Had: func(k Known) bool { return is(k.Info) == nil }},
		Part{Name: "other", Posix: other, Accepts: func(info *v1.ContainerInfo) error {
			if info.GetHostname() == "nobody" {
				return errors.New("that is nobody's")
			}
			return nil
		}},
	)
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m, named, other
}

func hostname(name string) *v1.ContainerInfo { return &v1.ContainerInfo{Hostname: &name} }

func TestComposing(t *testing.T) {
	m, named, other := newComposing(t)
	for name, p := range map[string]*Posix{"named": named, "other": other} {
		c := config(t, name, shell("exit 3"))
		c.Info = hostname(name)
		if _, err := m.Launch(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if !p.Has(name) {
			t.Errorf("container %s: got it elsewhere, want it in its containerizer", name)
		}
		if e := <-m.Wait(name); e.Message != "exited with status 3" {
			t.Errorf("exit of %s: got %q, want status 3", name, e.Message)
		}
	}
	c := config(t, "none", shell("true"))
	c.Info = hostname("nobody")
	_, err := m.Launch(t.Context(), c)
	var failed *LaunchError
	if !errors.As(err, &failed) || !errors.Is(err, ErrNotAccepted) || !strings.Contains(err.Error(), "named: its host name") || !strings.Contains(err.Error(), "other: that is") {
		t.Errorf("container that nobody takes: got %v, want ErrNotAccepted with both reasons", err)
	}
	if _, ok := <-m.Wait("unknown"); ok {
		t.Error("exit of an unknown container: got one, want a closed channel")
	}
	m.Destroy("unknown")
}

// TestComposingRecovers has each containerizer take up its own, and what belongs to
// nobody killed, though each of them looks at the whole work directory.
func TestComposingRecovers(t *testing.T) {
	first, _, _ := newComposing(t)
	work := t.TempDir()
	var known []Known
	launch := func(name string) Process {
		dir := filepath.Join(work, "runs", name)
		c := Config{ContainerID: name, Sandbox: dir, Command: shell("sleep 1000"), Info: hostname(name), Environment: []string{"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + dir}}
		p, err := first.Launch(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, Known{ContainerID: name, Sandbox: dir, Process: p, Info: c.Info})
		return p
	}
	for _, name := range []string{"named", "other", "stray"} {
		launch(name)
	}
	stray := first.Wait("stray")
	second, named, other := newComposing(t)
	alive, err := second.Recover(work, known[:2])
	if err != nil || len(alive) != 2 || !named.Has("named") || !other.Has("other") {
		t.Fatalf("recovery: got %v, %v, want each container in its containerizer", alive, err)
	}
	<-stray
	for _, name := range []string{"named", "other"} {
		exit := second.Wait(name)
		second.Destroy(name)
		if _, ok := <-exit; !ok {
			t.Errorf("end of %s: got none, want one", name)
		}
		<-first.Wait(name)
	}
}
