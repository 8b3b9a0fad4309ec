package link_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/nettest"
)

// Programs of this machine come in without TLS by a listener of their own, but not under the address of one that came
// otherwise, and not with HTTP; when it is closed they stay and nobody new comes in.
func TestBeside(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	ours := trusted(t)
	n, r := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(ours), HTTP: &http.Server{Handler: handler}}), nettest.NewRecorder()
	n.Start(r)
	at := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	n.Beside(l)
	start := func(o link.Options) (link.UPID, *link.Transport, *nettest.Recorder) {
		t.Helper()
		d, rd := listen(t, "127.0.0.1:0", o), nettest.NewRecorder()
		d.Start(rd)
		return link.UPID{ID: "x", Addr: d.Addr()}, d, rd
	}
	to := link.UPID{ID: "y", Addr: n.Addr()}
	byDoor := func(ctx context.Context, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", at)
	}

	local, d, ends := start(link.Options{Dial: byDoor})
	d.Send(local, to, wrapperspb.String("by the door"))
	wantText(t, r, local, "by the door")
	n.Send(to, local, wrapperspb.String("an answer"))
	wantText(t, ends, to, "an answer")

	far, e, _ := start(link.Options{Secure: linktls.New(ours)})
	e.Send(far, to, wrapperspb.String("by TLS"))
	wantText(t, r, far, "by TLS")
	c, err := net.Dial("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write(peerHello(far.Addr, 9, 1)); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); len(got) != 0 {
		t.Errorf("one under the address of another: got %q, %v, want the connection closed", got, err)
	}
	h, err := net.Dial("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if _, err := io.WriteString(h, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(h); len(got) != 0 {
		t.Errorf("HTTP by the door: got %q, want the connection closed", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	d.Send(local, to, wrapperspb.String("still there"))
	wantText(t, r, local, "still there")
	e.Send(far, to, wrapperspb.String("and so is the other"))
	wantText(t, r, far, "and so is the other")
	stranger, f, ends := start(link.Options{Dial: byDoor})
	f.Send(stranger, to, wrapperspb.String("too late"))
	if got := ends.Next(t); got.Exited != n.Addr() {
		t.Errorf("got %+v, want exited %s", got, n.Addr())
	}
}
