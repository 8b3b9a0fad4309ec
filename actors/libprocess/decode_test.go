package libprocess

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// call makes an unversioned SUBSCRIBE of its fields.
func subscribeCall(t *testing.T) []byte {
	t.Helper()
	info, err := proto.Marshal(&v1.FrameworkInfo{User: proto.String("u"), Name: proto.String("n"), Roles: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	var sub []byte
	sub = protowire.AppendBytes(protowire.AppendTag(sub, 1, protowire.BytesType), info)
	sub = protowire.AppendVarint(protowire.AppendTag(sub, 2, protowire.VarintType), 1)
	sub = protowire.AppendString(protowire.AppendTag(sub, 3, protowire.BytesType), "a")
	sub = protowire.AppendString(protowire.AppendTag(sub, 3, protowire.BytesType), "b")
	sub = protowire.AppendBytes(protowire.AppendTag(sub, 4, protowire.BytesType), nil)
	var call []byte
	call = protowire.AppendVarint(protowire.AppendTag(call, 2, protowire.VarintType), uint64(schedulerv1.Call_SUBSCRIBE))
	return protowire.AppendBytes(protowire.AppendTag(call, 3, protowire.BytesType), sub)
}

func TestSubscribeCall(t *testing.T) {
	m, err := decode(schedulerCall, subscribeCall(t))
	if err != nil {
		t.Fatal(err)
	}
	d := m.(*linkpb.DriverCallMessage)
	sub := d.GetCall().GetSubscribe()
	if !d.GetForce() || !slices.Equal(sub.GetSuppressedRoles(), []string{"a", "b"}) || sub.OfferConstraints == nil || sub.GetFrameworkInfo().GetName() != "n" {
		t.Errorf("got %v, want force, roles a and b suppressed, and empty offer constraints", d)
	}
}

// What libmesos sent, as recorded.
func TestRecordedCalls(t *testing.T) {
	for _, c := range []struct {
		base64 string
		want   schedulerv1.Call_Type
	}{
		{"EAEaNwozCgRyb290EhRUZXN0IEZyYW1ld29yayAoQysrKSgAOgJ2bUIEdGVzdFICCAZSAggHYgEqIgA=", schedulerv1.Call_SUBSCRIBE},
		{"CisKKWExNDkyY2NmLWQ5ZGItNDBlYS1iZjMzLTMwNDY3MDk1ZjlkMy0wMDAwEAhCQgopCidhMTQ5MmNjZi1kOWRiLTQwZWEtYmYzMy0zMDQ2NzA5NWY5ZDMtUzASAwoBMBoQJPpgeghbSEeE/7oFG17Zfg==", schedulerv1.Call_ACKNOWLEDGE},
		{"CisKKWExNDkyY2NmLWQ5ZGItNDBlYS1iZjMzLTMwNDY3MDk1ZjlkMy0wMDAwEAI=", schedulerv1.Call_TEARDOWN},
	} {
		b, err := base64.StdEncoding.DecodeString(c.base64)
		if err != nil {
			t.Fatal(err)
		}
		m, err := decode(schedulerCall, b)
		if err != nil {
			t.Errorf("%s: %v", c.want, err)
			continue
		}
		d := m.(*linkpb.DriverCallMessage)
		if got := d.GetCall().GetType(); got != c.want || d.Force != nil {
			t.Errorf("got %v, want %s without force", d, c.want)
		}
		if c.want == schedulerv1.Call_SUBSCRIBE && (d.GetCall().GetSubscribe().OfferConstraints == nil || len(d.GetCall().GetSubscribe().GetSuppressedRoles()) != 0) {
			t.Errorf("got %v, want offer constraints and no suppressed role", d)
		}
	}
}

// FuzzRequest feeds whole requests through net/http's parser: nothing that comes in makes the handler panic, and what
// is delivered can be answered.
func FuzzRequest(f *testing.F) {
	f.Add([]byte("POST /master/mesos.internal.PongSlaveMessage HTTP/1.1\r\nHost: x\r\nLibprocess-From: a@1.2.3.4:5\r\nContent-Length: 0\r\n\r\n"))
	f.Add([]byte("POST /slave(1)/mesos.internal.KillTaskMessage HTTP/1.1\r\nHost: x\r\nUser-Agent: libprocess/a@1.2.3.4:5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n\x0a\x03\x0a\x01f\r\n0\r\n\r\n"))
	f.Add([]byte("POST /a%2fb/mesos.scheduler.Call HTTP/1.1\r\nHost: x\r\nLibprocess-From: @:\r\nContent-Length: 4\r\n\r\n\x1a\x02\x10\x01"))
	f.Add([]byte("POST //. HTTP/1.0\r\nLibprocess-From: \xff@[::1]:9\r\n\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(in)))
		if err != nil {
			return
		}
		n := New(Options{Log: quietLog}).Over(silent{})
		got := &delivered{}
		n.Start(got)
		w := httptest.NewRecorder()
		n.Handler(http.NotFoundHandler(), nil).ServeHTTP(w, r)
		if (w.Code == http.StatusAccepted) != (got.m != nil) {
			t.Fatalf("code %d with delivered message %v: want 202 for exactly what is delivered", w.Code, got.m)
		}
		if got.m == nil {
			return
		}
		if again, err := link.ParseUPID(got.from.String()); err != nil || again != got.from {
			t.Fatalf("sender %q is read again as %q, %v", got.from, again, err)
		}
		b, err := appendRequest(nil, link.UPID{ID: "master", Addr: "1.2.3.4:5050"}, got.from, &internalpb.PongSlaveMessage{})
		if err != nil {
			t.Fatalf("answer to %q: %v", got.from, err)
		}
		q, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			t.Fatalf("answer to %q: %v\n%s", got.from, err, b)
		}
		if to, _, ok := cutPath(q.URL.Path); !ok || to != got.from.ID {
			t.Fatalf("answer to %q goes to %q", got.from, to)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add("mesos.internal.KillTaskMessage", []byte{10, 0})
	f.Add(schedulerCall, []byte{0x10, 1, 0x1a, 4, 0x10, 1, 0x1a, 0})
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		m, err := decode(name, body)
		if (m == nil) != (err != nil) {
			t.Fatalf("got %v and error %v, want one of them", m, err)
		}
		if err == nil || name != schedulerCall {
			return
		}
		if errors.Is(err, errNoSuchMessage) {
			t.Fatalf("%s is not known", name)
		}
	})
}
