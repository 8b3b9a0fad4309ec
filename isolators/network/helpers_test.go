package network

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

const pluginDir = "/usr/lib/cni"

// options are those of an agent of the test, with both kinds of networks.
func options(t testing.TB) Options {
	t.Helper()
	dir := t.TempDir()
	o := Options{
		Root: filepath.Join(dir, "agent"), Shared: filepath.Join(dir, "shared"), Plugins: pluginDir, Configs: filepath.Join(dir, "configs"),
		Name: "mesos0", Subnet: netip.MustParsePrefix("10.77.0.0/24"),
	}
	if err := os.Mkdir(o.Configs, 0o755); err != nil {
		t.Fatal(err)
	}
	return o
}

// opened is an isolator that has recovered what lives. In the end nothing of it may be left.
func opened(t testing.TB, o Options, names []string, live ...isolators.Live) *Isolator {
	t.Helper()
	i, err := New(o, names...)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Recover(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i
}

// leavesNothing looks, when the test is over, for what it must not leave.
func leavesNothing(t testing.TB, o Options) {
	t.Helper()
	before := left(t, o)
	t.Cleanup(func() {
		if after := left(t, o); after != before {
			t.Errorf("left behind: got %s, want %s", after, before)
		}
	})
}

// left are the interfaces, rules, mounts and files there are.
func left(t testing.TB, o Options) string {
	t.Helper()
	var out []string
	links, err := netlink.LinkList()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if !strings.HasPrefix(l.Attrs().Name, "cni") { // the plugin leaves its bridges
			out = append(out, "interface "+l.Attrs().Name)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, "nsfs") {
			out = append(out, "mount "+line)
		}
	}
	for _, glob := range []string{o.Root + "/*", o.Shared + "/*/address-*"} {
		files, _ := filepath.Glob(glob) // the patterns are right
		out = append(out, files...)
	}
	if nft, err := exec.LookPath("nft"); err == nil {
		said, err := exec.Command(nft, "list", "tables").CombinedOutput()
		if err != nil {
			t.Fatalf("nft: %v: %s", err, said)
		}
		for table := range strings.Lines(string(said)) {
			if !strings.HasSuffix(table, " nat\n") { // iptables leaves its own, looked into below
				out = append(out, table)
			}
		}
	}
	if rules, err := exec.Command("iptables-save", "-t", "nat").Output(); err == nil {
		for line := range strings.Lines(string(rules)) {
			if strings.Contains(line, "dport") {
				out = append(out, line)
			}
		}
	}
	return strings.Join(out, "\n")
}

// asking is a container that asks for networks.
func asking(id string, infos ...*v1.NetworkInfo) isolators.Container {
	c := isolators.Container{ID: id, Info: &v1.ContainerInfo{NetworkInfos: infos}}
	c.Ports = []resources.Range{{Begin: 31000, End: 31010}}
	return c
}

func named(name string, maps ...*v1.NetworkInfo_PortMapping) *v1.NetworkInfo {
	return &v1.NetworkInfo{Name: &name, PortMappings: maps}
}

func mapped(host, container uint32) *v1.NetworkInfo_PortMapping {
	return &v1.NetworkInfo_PortMapping{HostPort: &host, ContainerPort: &container}
}

// begin prepares a container, which is cleaned up in the end.
func begin(t testing.TB, i *Isolator, c isolators.Container) *boot.Launch {
	t.Helper()
	l := &boot.Launch{Env: []string{"A=1", "LIBPROCESS_IP=192.0.2.1"}}
	t.Cleanup(func() {
		if err := i.Cleanup(context.Background(), c.ID); err != nil {
			t.Errorf("cleanup of %s: %v", c.ID, err)
		}
	})
	if err := i.Prepare(t.Context(), c, l); err != nil {
		t.Fatalf("prepare %s: %v", c.ID, err)
	}
	return l
}

// addresses are those that the status of a container tells.
func addresses(i *Isolator, id string) (out []string) {
	for _, n := range i.Networks(id) {
		for _, a := range n.GetIpAddresses() {
			out = append(out, a.GetIpAddress())
		}
	}
	return out
}

// within runs f on a thread in the network of a process to begin.
func within(t testing.TB, l *boot.Launch, f func() error) {
	t.Helper()
	if err := inAnother(func() error {
		fd, err := unix.Open(l.Enters(unix.CLONE_NEWNET), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer func() { _ = unix.Close(fd) }()
		if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
			return err
		}
		return f()
	}); err != nil {
		t.Fatal(err)
	}
}

// serve answers on a port of a container with its name, until the test ends.
func serve(t testing.TB, l *boot.Launch, port int, name string) {
	t.Helper()
	var at net.Listener
	within(t, l, func() (err error) {
		at, err = net.Listen("tcp4", fmt.Sprint(":", port))
		return err
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := at.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, name) // the other end tells what arrives
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = at.Close()
		<-done
	})
}

// ask gives what a server says; from is where it is asked from, nil for the machine.
func ask(t testing.TB, from *boot.Launch, address string) (said string) {
	t.Helper()
	get := func() error {
		c, err := net.DialTimeout("tcp4", address, patience)
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		all, err := io.ReadAll(c)
		said = string(all)
		return err
	}
	if from != nil {
		within(t, from, get)
	} else if err := get(); err != nil {
		t.Fatal(err)
	}
	return said
}
