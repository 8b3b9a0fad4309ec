package network

import (
	"context"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/namespaces"
)

// TestBesideNamespaces has isolators act that give containers namespaces of networks and
// names, too.
func TestBesideNamespaces(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	own := opened(t, o, []string{Bridge})
	s := isolators.NewSet(&namespaces.UTS{}, &namespaces.Net{}, own)
	prepare := func(c isolators.Container) *boot.Launch {
		t.Helper()
		l := &boot.Launch{}
		t.Cleanup(func() { _ = s.Cleanup(context.Background(), c.ID) }) // leavesNothing sees what stays
		if err := s.Prepare(t.Context(), c, l); err != nil {
			t.Fatal(err)
		}
		if err := s.Isolate(t.Context(), c.ID, os.Getpid()); err != nil {
			t.Fatal(err)
		}
		return l
	}
	if l := prepare(asking("alone", named(namespaces.Alone))); l.Clone&unix.CLONE_NEWNET == 0 || len(l.Join) > 0 || own.Networks("alone") != nil {
		t.Errorf("alone: got %+v, want a namespace of its own with nobody", l)
	}
	c := asking("a", named("mesos0"))
	c.Info.Hostname = new("front")
	if l := prepare(c); l.Clone&unix.CLONE_NEWNET != 0 || l.Enters(unix.CLONE_NEWNET) != own.containers["a"].path(namespaceFile) || l.Hostname != "front" {
		t.Errorf("in a network: got %+v, want its namespace and the host name", l)
	}
	inner := asking("a.named")
	inner.Info.Hostname = new("inner")
	if l := prepare(inner); l.Clone&unix.CLONE_NEWUTS == 0 || l.Enters(unix.CLONE_NEWUTS) != "" || l.Hostname != "inner" || l.Enters(unix.CLONE_NEWNET) == "" {
		t.Errorf("nested, with a name: got %+v, want a namespace of names of its own, and its parent's network", l)
	}
}
