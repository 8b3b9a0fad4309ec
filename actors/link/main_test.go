package link_test

import (
	"io"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/nettest"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		child(role)
		return
	}
	goleak.VerifyTestMain(m)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func listen(t *testing.T, addr string, o link.Options) *link.Transport {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet()
	}
	n, err := link.Listen(addr, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

func TestNetwork(t *testing.T) { runSuite(t, nil) }

func runSuite(t *testing.T, secure link.Secure) {
	nettest.Run(t, nettest.Harness{
		New: func(t *testing.T, addr string) actors.Network {
			if addr == "" {
				addr = "127.0.0.1:0"
			}
			return listen(t, addr, link.Options{
				Secure:   secure,
				MaxQueue: nettest.MaxQueue,
				MaxFrame: nettest.MaxFrame,
			})
		},
		Kill: func(_ *testing.T, n actors.Network) {
			abort(n)
		},
	})
}

// abort finds the Transport below what the suite was given.
func abort(n actors.Network) {
	if a, ok := n.(interface{ Abort() }); ok {
		a.Abort()
		return
	}
	panic("nettest hands Kill something else than New returned")
}
