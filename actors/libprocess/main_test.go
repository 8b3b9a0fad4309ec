package libprocess_test

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mesos/actors/libprocess"
	"mesos/actors/link"
	"mesos/actors/nettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// program is a Network over a link.Transport, with what it received.
type program struct {
	*libprocess.Network
	*nettest.Recorder
}

// serve starts a program; what is no message is answered 418.
func serve(t *testing.T, addr string, o libprocess.Options) program {
	t.Helper()
	o.Log = quiet()
	n := libprocess.New(o)
	other := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	return startOver(t, n, addr, link.Options{HTTP: &http.Server{Handler: n.Handler(other, nil), ReadHeaderTimeout: time.Minute}})
}

// startOver starts a program whose network stands over links.
func startOver(t *testing.T, n *libprocess.Network, addr string, o link.Options) program {
	t.Helper()
	o.Log = quiet()
	inner, err := link.Listen(addr, o)
	if err != nil {
		t.Fatal(err)
	}
	p := program{n.Over(inner), nettest.NewRecorder()}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	p.Start(p.Recorder)
	return p
}

// peer is a driver of version 0: a listener of its own, and requests by hand.
type peer struct {
	t *testing.T
	l net.Listener
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return &peer{t, l}
}

func (p *peer) pid(id string) link.UPID { return link.UPID{ID: id, Addr: p.l.Addr().String()} }

// accept takes the connection that the program makes to the peer.
func (p *peer) accept() net.Conn {
	p.t.Helper()
	if err := p.l.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute)); err != nil {
		p.t.Fatal(err)
	}
	c, err := p.l.Accept()
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.Close() })
	return c
}

// post sends one request on a connection of its own and returns the code of the answer.
func post(t *testing.T, addr, path string, header http.Header, body io.Reader) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header, r.Close = header, true
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Body.Close()
	return a.StatusCode
}
