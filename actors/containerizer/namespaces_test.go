package containerizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
)

// TestOwnNames gives containers host names, networks and cgroups of their own, and
// nested ones those of the container around.
func TestOwnNames(t *testing.T) {
	p := newIsolated(t, "cgroups/all,namespaces/uts,namespaces/net,namespaces/cgroup,namespaces/pid", cgroups.Options{})
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	up := config(t, "a", shell("hostname changed; hostname; cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '; grep -vc ':/$' /proc/self/cgroup; echo > ready; sleep 1000"))
	up.Info = &v1.ContainerInfo{Hostname: proto.String("first"), NetworkInfos: []*v1.NetworkInfo{{Name: proto.String("none")}}}
	if _, err := p.Launch(t.Context(), up); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { destroyed(p, "a") })
	eventually(t, func() bool { _, err := os.Stat(filepath.Join(up.Sandbox, "ready")); return err == nil })
	if got, want := read(t, up.Sandbox, "stdout"), "changed\nlo\n0\n"; got != want {
		t.Errorf("host name, interfaces and cgroups seen from above: got %q, want %q", got, want)
	}
	if now, err := os.Hostname(); err != nil || now != machine {
		t.Errorf("host name of the machine: got %s, %v, want %s", now, err, machine)
	}
	const see = "hostname; tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; grep -c 127.0.0.1 /proc/net/fib_trie"
	shares, own := within(up, "shares", shell(see)), within(up, "own", shell("hostname"))
	own.Info = &v1.ContainerInfo{Hostname: proto.String("second")}
	for _, c := range []struct {
		Config
		want string
	}{{shares, "changed\nlo\n"}, {own, "second\n"}} {
		run(t, p, c.Config)
		if got := read(t, c.Sandbox, "stdout"); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want it to begin with %q", c.ContainerID, got, c.want)
		}
	}
	for _, id := range []string{"a", shares.ContainerID} {
		if n := p.Networks(id); len(n) != 1 || n[0].GetName() != "none" {
			t.Errorf("networks of %s: got %v, want none alone", id, n)
		}
	}
	// An address on lo is only there when it is up.
	if got := read(t, shares.Sandbox, "stdout"); strings.HasSuffix(got, "\n0\n") {
		t.Errorf("lo: got %q, want it up", got)
	}
}
