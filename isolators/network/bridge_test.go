package network

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// TestBridge puts two containers on the bridge: they reach each other and the machine,
// and the machine them.
func TestBridge(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	i := opened(t, o, []string{Bridge})
	a, b := begin(t, i, asking("a", named("mesos0"))), begin(t, i, asking("b", named("mesos0")))
	if got := append(addresses(i, "a"), addresses(i, "b")...); !slices.Equal(got, []string{"10.77.0.2", "10.77.0.3"}) {
		t.Errorf("addresses: got %v, want the first two of the subnet", got)
	}
	serve(t, b, 80, "b")
	if got := ask(t, a, "10.77.0.3:80"); got != "b" {
		t.Errorf("from one to the other: got %q, want b", got)
	}
	if got := ask(t, nil, "10.77.0.3:80"); got != "b" {
		t.Errorf("from the machine: got %q, want b", got)
	}
	if got := ask(t, b, "127.0.0.1:80"); got != "b" {
		t.Errorf("from itself: got %q, want b", got)
	}
}

// TestLaunch looks at what the process of a container in a network is told.
func TestLaunch(t *testing.T) {
	need(t)
	o := options(t)
	o.DNS = map[string]DNS{"mesos0": {Servers: []string{"192.0.2.7"}}, "": {Servers: []string{"192.0.2.8"}}}
	leavesNothing(t, o)
	i := opened(t, o, []string{Bridge})
	c := asking("a", &v1.NetworkInfo{Name: new("mesos0"), Labels: &v1.Labels{Labels: []*v1.Label{{Key: new("k"), Value: new("v")}}}})
	l := begin(t, i, c)
	if l.Hostname != "a" || l.Clone&unix.CLONE_NEWUTS == 0 || l.Clone&unix.CLONE_NEWNET != 0 {
		t.Errorf("got host name %q, namespaces %x, want a, one of names, none of networks", l.Hostname, l.Clone)
	}
	for _, want := range []string{"A=1", "LIBPROCESS_IP=10.77.0.2", "MESOS_CONTAINER_IP=10.77.0.2"} {
		if !slices.Contains(l.Env, want) || len(l.Env) != 3 {
			t.Errorf("environment: got %v, want %s in it", l.Env, want)
		}
	}
	if got := i.Networks("a"); len(got) != 1 || got[0].GetName() != "mesos0" || got[0].GetLabels().GetLabels()[0].GetValue() != "v" {
		t.Errorf("networks: got %v, want what was asked for", got)
	}
	if text, err := os.ReadFile(filepath.Join(i.dir("a"), resolvFile)); err != nil || string(text) != "nameserver 192.0.2.7\n" {
		t.Errorf("/etc/resolv.conf: got %q, %v, want the default of the network", text, err)
	}
	found := ""
	for _, m := range l.Mounts {
		if m.Target == "/etc/hosts" {
			text, err := os.ReadFile(m.Source)
			if err != nil {
				t.Fatal(err)
			}
			found = string(text)
		}
	}
	if !strings.Contains(found, "10.77.0.2 a\n") {
		t.Errorf("/etc/hosts: got %q, want a at its address", found)
	}
	if host := begin(t, i, asking("host", &v1.NetworkInfo{})); len(host.Join) > 0 || len(host.Mounts) > 0 || i.Networks("host") != nil {
		t.Errorf("container without a network: got %+v, want nothing", host)
	}
}

// TestBridgeStays has containers come and go: the bridge's hardware address, which those
// that stay remember, must not change with them, and an address has the same one
// whoever has it.
func TestBridgeStays(t *testing.T) {
	need(t)
	o := options(t)
	o.Subnet = netipPrefix("10.77.0.0/29") // five containers
	leavesNothing(t, o)
	i := opened(t, o, []string{Bridge})
	begin(t, i, asking("stays", named("mesos0")))
	of := func(name string) string {
		l, err := netlink.LinkByName(name)
		if err != nil {
			t.Fatal(err)
		}
		return l.Attrs().HardwareAddr.String()
	}
	bridge, seen := of("mesos0"), map[string]string{}
	for n := range 12 {
		id := fmt.Sprint("c", n)
		l := begin(t, i, asking(id, named("mesos0")))
		within(t, l, func() error {
			eth, err := net.InterfaceByName("eth0") // in this thread's network
			if err != nil {
				return err
			}
			at := addresses(i, id)[0]
			if old := seen[at]; old != "" && old != eth.HardwareAddr.String() {
				t.Errorf("hardware address of %s: got %v, want %s as before", at, eth.HardwareAddr, old)
			}
			seen[at] = eth.HardwareAddr.String()
			return nil
		})
		if got := of("mesos0"); got != bridge {
			t.Fatalf("hardware address of the bridge: got %s, want %s as at first", got, bridge)
		}
		if err := i.Cleanup(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 4 {
		t.Errorf("addresses given: got %v, want all that are free, in turn", seen)
	}
}

// TestPortMapping reaches a server by a port of the machine: from the machine by any of
// its addresses, from a container beside it, and from itself.
func TestPortMapping(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	i := opened(t, o, []string{Bridge})
	needNFT(t, i)
	a, b := begin(t, i, asking("a", named("mesos0", mapped(31001, 80)))), begin(t, i, asking("b", named("mesos0")))
	serve(t, a, 80, "a")
	for _, at := range []string{"127.0.0.1:31001", "10.77.0.1:31001"} {
		if got := ask(t, nil, at); got != "a" {
			t.Errorf("from the machine at %s: got %q, want a", at, got)
		}
	}
	for name, from := range map[string]*boot.Launch{"beside": b, "itself": a} {
		if got := ask(t, from, "10.77.0.1:31001"); got != "a" {
			t.Errorf("from %s: got %q, want a", name, got)
		}
	}
	err := i.Prepare(t.Context(), asking("c", named("mesos0", mapped(31001, 81))), begin(t, i, asking("d")))
	if err == nil || !strings.Contains(err.Error(), "container.network_infos[0]") || !strings.Contains(err.Error(), "31001/tcp") {
		t.Errorf("port that is taken: got %v, want an error that names it", err)
	}
	if err := errors.Join(i.Cleanup(t.Context(), "c"), i.Cleanup(t.Context(), "a")); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp4", "127.0.0.1:31001"); err == nil {
		c.Close()
		t.Error("the port is open after its container is gone")
	}
	e := begin(t, i, asking("e", named("mesos0", mapped(31001, 82))))
	serve(t, e, 82, "e")
	if got := ask(t, nil, "127.0.0.1:31001"); got != "e" {
		t.Errorf("port given to another: got %q, want e", got)
	}
}

func needNFT(t testing.TB, i *Isolator) {
	t.Helper()
	if i.bridge.nat.program == "" {
		t.Skip("the program nft of the package nftables is needed")
	}
}

// TestBridgeWithoutNFT is a machine on which nothing translates addresses.
func TestBridgeWithoutNFT(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	i := opened(t, o, []string{Bridge})
	i.bridge.nat.program = ""
	a, b := begin(t, i, asking("a", named("mesos0"))), begin(t, i, asking("b", named("mesos0")))
	serve(t, a, 80, "a")
	if got := ask(t, b, addresses(i, "a")[0]+":80"); got != "a" {
		t.Errorf("got %q, want a", got)
	}
	err := i.Prepare(t.Context(), asking("c", named("mesos0", mapped(31001, 80))), begin(t, i, asking("d")))
	if !errors.Is(err, errNoNAT) {
		t.Errorf("port mapping: got %v, want %v", err, errNoNAT)
	}
	if err := i.Cleanup(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
}

// TestRestart has agents die: what lives goes on, with its address and ports, what
// does not is taken apart, and another agent on the machine is left alone.
func TestRestart(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	other := o
	other.Root += "-2"
	beside := opened(t, other, []string{Bridge})
	first := opened(t, o, []string{Bridge})
	needNFT(t, first)
	begin(t, beside, asking("x", named("mesos0")))
	l := begin(t, first, asking("lives", named("mesos0", mapped(31001, 80))))
	begin(t, first, asking("dies", named("mesos0", mapped(31002, 80))))
	serve(t, l, 80, "lives")
	first.Close()
	// Somebody flushes all rules, as other services do.
	if said, err := exec.Command(first.bridge.nat.program, "delete", "table", "ip", first.bridge.nat.table()).CombinedOutput(); err != nil {
		t.Fatalf("nft: %v: %s", err, said)
	}
	// An agent that was removed has left a claim.
	if err := first.bridge.put(netip.MustParseAddr("10.77.0.99"), claim{Root: o.Root + "-gone", Container: "x"}); err != nil {
		t.Fatal(err)
	}

	second := opened(t, o, []string{Bridge}, isolators.Live{ID: "lives", PID: os.Getpid()})
	t.Cleanup(func() { _ = second.Cleanup(t.Context(), "lives") }) // again by the first one
	if got := ask(t, nil, "127.0.0.1:31001"); got != "lives" {
		t.Errorf("after the restart: got %q, want lives", got)
	}
	if got, want := addresses(second, "lives"), addresses(first, "lives"); !slices.Equal(got, want) {
		t.Errorf("addresses: got %v, want %v", got, want)
	}
	if _, err := os.Stat(second.dir("dies")); err == nil {
		t.Error("the network of what does not live is still there")
	}
	// "dies" is cleaned up once more by the first isolator, which finds nothing.
	again := begin(t, second, asking("again", named("mesos0", mapped(31002, 80))))
	serve(t, again, 80, "again")
	if got := ask(t, l, addresses(second, "again")[0]+":80"); got != "again" {
		t.Errorf("from what lives to what is new: got %q, want again", got)
	}
	inner := begin(t, second, asking("lives.inner"))
	if got := ask(t, inner, "127.0.0.1:80"); got != "lives" {
		t.Errorf("within what lives: got %q, want lives", got)
	}
	if got := addresses(second, "lives.inner"); !slices.Equal(got, addresses(second, "lives")) {
		t.Errorf("addresses of a nested container: got %v, want its parent's", got)
	}
}

// TestNamespaceLost has the agent come back in a mount namespace where that of the container
// is not mounted, as a service may after its restart.
func TestNamespaceLost(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	first := opened(t, o, []string{Bridge})
	l := begin(t, first, asking("a", named("mesos0")))
	path := l.Enters(unix.CLONE_NEWNET)
	var inside *exec.Cmd
	within(t, l, func() error {
		inside = exec.Command("sleep", "1000")
		return inside.Start()
	})
	t.Cleanup(func() {
		_ = inside.Process.Kill() // it sleeps
		_ = inside.Wait()
	})
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	second := opened(t, o, []string{Bridge}, isolators.Live{ID: "a", PID: inside.Process.Pid})
	serve(t, l, 80, "a")
	if got := ask(t, begin(t, second, asking("a.inner")), "127.0.0.1:80"); got != "a" {
		t.Errorf("within a: got %q, want a", got)
	}
	if err := second.Cleanup(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
}

// TestLeftOut has an agent that was started without a network, or with another one of that kind, take apart what
// containers have of it: at once what is of those that are dead, and at their end that of the others.
func TestLeftOut(t *testing.T) {
	need(t)
	for _, c := range []struct {
		name  string
		names []string
		other func(*Options)
	}{
		{"none", nil, func(*Options) {}},
		{"another kind", []string{CNI}, func(o *Options) { o.Plugins = o.Configs }}, // which are there
		{"none, and none described", nil, func(o *Options) { o.Name, o.Subnet = "", netip.Prefix{} }},
		{"another bridge", []string{Bridge}, func(o *Options) { o.Name, o.Subnet = "other0", netipPrefix("10.76.0.0/24") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t)
			leavesNothing(t, o)
			first := opened(t, o, []string{Bridge})
			l := begin(t, first, asking("lives", named("mesos0", mapped(31001, 80))))
			begin(t, first, asking("dies", named("mesos0")))
			first.Close()

			c.other(&o)
			second := opened(t, o, c.names, isolators.Live{ID: "lives", PID: os.Getpid()})
			if _, err := os.Stat(second.dir("dies")); err == nil {
				t.Error("the network of what does not live is still there")
			}
			if got := addresses(second, "lives"); !slices.Equal(got, []string{"10.77.0.2"}) {
				t.Errorf("addresses of what lives: got %v, want those that it had", got)
			}
			inner := &boot.Launch{}
			if err := second.Prepare(t.Context(), asking("lives.inner"), inner); err != nil || inner.Enters(unix.CLONE_NEWNET) != l.Enters(unix.CLONE_NEWNET) {
				t.Errorf("within what lives: got %v, namespace %q, want its own", err, inner.Enters(unix.CLONE_NEWNET))
			}
			for _, id := range []string{"lives.inner", "lives"} {
				if err := second.Cleanup(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := netlink.LinkByName("mesos0"); err == nil {
				t.Error("the bridge is still there")
			}
		})
	}
}
