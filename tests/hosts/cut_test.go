package hosts

import (
	"net"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// Hosts that are cut off from each other hear nothing, and reach all others.
func TestCut(t *testing.T) {
	n := newNetwork(t)
	a, b, c := n.host("a"), n.host("b"), n.host("c")
	for _, h := range n.hosts {
		var l net.Listener
		if err := cluster.InNet(h.ns, func() (err error) {
			l, err = net.Listen("tcp", h.ip+":5050")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	reaches := func(from, to *host, limit time.Duration) error {
		return cluster.InNet(from.ns, func() error {
			conn, err := net.DialTimeout("tcp", to.ip+":5050", limit)
			if err == nil {
				err = conn.Close()
			}
			return err
		})
	}
	all := func() {
		t.Helper()
		for _, from := range n.hosts {
			for _, to := range n.hosts {
				if err := reaches(from, to, patience); err != nil {
					t.Errorf("%s to %s: %v", from.name, to.name, err)
				}
			}
		}
	}
	all()
	n.cut(a, b)
	for _, w := range []way{{a, b}, {b, a}} {
		if err := reaches(w.from, w.to, 200*time.Millisecond); err == nil {
			t.Errorf("%s reaches %s, from which it is cut off", w.from.name, w.to.name)
		}
	}
	for _, w := range []way{{a, c}, {c, a}, {b, c}, {c, b}} {
		if err := reaches(w.from, w.to, patience); err != nil {
			t.Errorf("%s to %s: %v", w.from.name, w.to.name, err)
		}
	}
	n.heal()
	all()
}
