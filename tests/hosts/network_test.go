package hosts

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/tests/cluster"
)

// network is a switch in the network namespace of the tests, with hosts at its
// ports. The tests are at address .254 and reach all hosts, whatever is cut.
type network struct {
	t     testing.TB
	n     int // 10.n.0.0/24
	hosts []*host
	cuts  []way
}

// host is a network namespace with one interface.
type host struct {
	name string
	ip   string
	ns   *os.File
	port string // of the switch
}

// way is what no packet takes.
type way struct{ from, to *host }

var networks atomic.Int64

// nowhere is the address of no interface: what is sent there is lost, and nobody is told.
const nowhere = "02:00:00:00:00:01"

// newNetwork makes a network that ends with the test. It fails the test if anything
// still lives on one of its hosts then: a network namespace lasts as long as there
// is a process or a socket in it.
func newNetwork(t testing.TB) *network {
	t.Helper()
	needNamespaces(t)
	n := &network{t: t, n: int(networks.Add(1))}
	if err := n.make(); err != nil {
		t.Skipf("a bridge and veth interfaces are needed: %v", err)
	}
	t.Cleanup(n.end)
	return n
}

func (n *network) make() error {
	return ip(nil,
		"link set lo up",
		"link add "+n.bridge()+" type bridge",
		fmt.Sprintf("addr add %s/24 dev %s", n.address(254), n.bridge()),
		"link set "+n.bridge()+" up",
	)
}

func (n *network) bridge() string       { return fmt.Sprintf("%s%d", switchPrefix, n.n) }
func (n *network) address(i int) string { return fmt.Sprintf("10.%d.0.%d", n.n, i) }

// host adds a host.
func (n *network) host(name string) *host {
	n.t.Helper()
	i := len(n.hosts) + 1
	h := &host{name: name, ip: n.address(i), port: fmt.Sprintf("%s.%d", n.bridge(), i)}
	var err error
	if h.ns, err = newNamespace(); err != nil {
		n.t.Fatal(err)
	}
	n.hosts = append(n.hosts, h)
	if err := ip(h.ns,
		"link set lo up",
		fmt.Sprintf("link add name eth0 type veth peer name %s netns %d", h.port, os.Getpid()),
		fmt.Sprintf("addr add %s/24 dev eth0", h.ip),
		"link set eth0 up",
	); err != nil {
		n.t.Fatal(err)
	}
	if err := ip(nil, fmt.Sprintf("link set %s master %s up", h.port, n.bridge())); err != nil {
		n.t.Fatal(err)
	}
	return h
}

// place is the host as daemons are told it.
func (h *host) place() cluster.Place { return cluster.Place{IP: h.ip, Net: h.ns} }

// cut loses all packets between a and each of others, both ways, until heal.
func (n *network) cut(a *host, others ...*host) {
	n.t.Helper()
	for _, b := range others {
		n.lose(a, b)
		n.lose(b, a)
	}
}

// lose loses all packets from one host to others, but none on the way back, until heal.
func (n *network) lose(from *host, to ...*host) {
	n.t.Helper()
	for _, h := range to {
		if err := ip(from.ns, fmt.Sprintf("neigh replace %s lladdr %s dev eth0 nud permanent", h.ip, nowhere)); err != nil {
			n.t.Fatal(err)
		}
		if w := (way{from, h}); !slices.Contains(n.cuts, w) {
			n.cuts = append(n.cuts, w)
		}
	}
}

// heal lets packets through everywhere.
func (n *network) heal() {
	n.t.Helper()
	for _, w := range n.cuts {
		if err := ip(w.from.ns, fmt.Sprintf("neigh del %s dev eth0", w.to.ip)); err != nil {
			n.t.Fatal(err)
		}
	}
	n.cuts = nil
}

// end lets go of the hosts, and waits for the kernel to take them away.
func (n *network) end() {
	for _, h := range n.hosts {
		h.ns.Close()
	}
	eventually(n.t, "the hosts to be gone", func() string {
		for _, h := range n.hosts {
			if _, err := net.InterfaceByName(h.port); err == nil {
				return "something lives on " + h.name
			}
		}
		return ""
	})
	if err := ip(nil, "link del "+n.bridge()); err != nil {
		n.t.Error(err)
	}
}

// newNamespace makes a network namespace, which lasts as long as it is used.
func newNamespace() (ns *os.File, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and so the thread ends with the goroutine
		if err = unix.Unshare(unix.CLONE_NEWNET); err == nil {
			ns, err = os.Open("/proc/thread-self/ns/net")
		}
	}()
	<-done
	if err != nil {
		return nil, fmt.Errorf("network namespace of a host: %w", err)
	}
	return ns, nil
}

// ip runs commands of the program ip in a network namespace, nil for that of the tests.
func ip(ns *os.File, commands ...string) error {
	return cluster.InNet(ns, func() error {
		cmd := exec.Command("ip", "-batch", "-")
		cmd.Stdin = strings.NewReader(strings.Join(commands, "\n") + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(commands, "; "), err, out)
		}
		return nil
	})
}
