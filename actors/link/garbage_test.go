package link_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/nettest"
)

const linkMagic = "\x9dmlk"

// peerHello is a hello of a program at addr, written out by hand.
func peerHello(addr string, program byte, session uint64) []byte {
	var m []byte
	m = protowire.AppendVarint(protowire.AppendTag(m, 1, protowire.VarintType), 1)
	m = protowire.AppendString(protowire.AppendTag(m, 2, protowire.BytesType), addr)
	m = protowire.AppendBytes(protowire.AppendTag(m, 3, protowire.BytesType), bytes.Repeat([]byte{program}, 16))
	m = protowire.AppendVarint(protowire.AppendTag(m, 4, protowire.VarintType), session)
	return append(binary.BigEndian.AppendUint32([]byte(linkMagic), uint32(len(m))), m...)
}

func dialRaw(t *testing.T, addr string, send []byte) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := c.Write(send); err != nil {
		t.Fatal(err)
	}
	return c
}

// Whatever arrives on the port, the connection that sent it is closed and the others do not notice.
func TestGarbage(t *testing.T) {
	n := listen(t, "127.0.0.1:0", link.Options{MaxFrame: 1 << 20})
	r := nettest.NewRecorder()
	n.Start(r)
	other := listen(t, "127.0.0.1:0", link.Options{})
	other.Start(nettest.NewRecorder())
	from, to := link.UPID{ID: "x", Addr: other.Addr()}, link.UPID{ID: "y", Addr: n.Addr()}
	other.Send(from, to, wrapperspb.String("before"))
	wantText(t, r, from, "before")

	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 10_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	const at = "127.0.0.1:1"
	hello := func() []byte { return peerHello(at, 1, rng.Uint64()) }
	inputs := map[string][]byte{
		"noise":                   noise,
		"magic, noise":            append([]byte(linkMagic), noise...),
		"almost magic":            []byte("\x9dmlx\x00\x00\x00\x01x"),
		"enormous hello":          []byte(linkMagic + "\xff\xff\xff\xff"),
		"empty hello":             []byte(linkMagic + "\x00\x00\x00\x00"),
		"hello with our address":  peerHello(n.Addr(), 1, 1),
		"hello without port":      peerHello("nowhere", 1, 1),
		"hello, enormous frame":   append(hello(), "\xff\xff\xff\xff"...),
		"hello, unreadable frame": append(hello(), "\x00\x00\x00\x04\xff\xff\xff\xff"...),
		"hello, noise":            append(hello(), append([]byte("\x00\x00\x10\x00"), noise...)...),
	}
	for name, in := range inputs {
		c := dialRaw(t, n.Addr(), in)
		if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: got %v, want the connection closed", name, err)
		}
	}
	other.Send(from, to, wrapperspb.String("after"))
	for {
		e := r.Next(t)
		if e.Exited == at { // the sessions of those that said a good hello
			continue
		}
		if m, ok := e.Message.(*wrapperspb.StringValue); !ok || m.Value != "after" || e.From != from {
			t.Fatalf("got %+v, want the message after the garbage", e)
		}
		return
	}
}

func TestHTTPBesideLinks(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { _, _ = io.WriteString(w, "hello "+q.URL.Path) })
	n := listen(t, "127.0.0.1:0", link.Options{HTTP: &http.Server{Handler: handler}})
	r := nettest.NewRecorder()
	n.Start(r)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for range 2 { // the second on the same connection
		answer, err := client.Get("http://" + n.Addr() + "/path")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || string(body) != "hello /path" {
			t.Fatalf("got %q %v, want hello /path", body, err)
		}
	}
	d, err := link.DialOnly("", link.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	d.Start(nettest.NewRecorder())
	from := link.UPID{ID: "x", Addr: d.Addr()}
	d.Send(from, link.UPID{ID: "y", Addr: n.Addr()}, wrapperspb.String("link"))
	wantText(t, r, from, "link")
}
