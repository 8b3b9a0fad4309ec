package libprocess_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/libprocess"
	"mesos/actors/link"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
)

func kill(n int) *internalpb.KillTaskMessage {
	return &internalpb.KillTaskMessage{FrameworkId: ids.Framework("f"), TaskId: ids.Task(fmt.Sprint(n))}
}

const killPath = "/master/mesos.internal.KillTaskMessage"

func encode(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func from(upid link.UPID) http.Header { return http.Header{"Libprocess-From": {upid.String()}} }

// wantKill takes the next event and checks that it is that message.
func wantKill(t *testing.T, p program, sender link.UPID, n int) {
	t.Helper()
	e := p.Next(t)
	m, ok := e.Message.(*internalpb.KillTaskMessage)
	if !ok || e.From != sender || e.To != "master" || m.GetTaskId().GetValue() != fmt.Sprint(n) {
		t.Fatalf("got %+v, want task %d from %v", e, n, sender)
	}
}

// readKill reads one request as a peer does and checks that it is that message.
func readKill(t *testing.T, r *bufio.Reader, p program, to link.UPID, n int) {
	t.Helper()
	q, err := http.ReadRequest(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(q.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := &internalpb.KillTaskMessage{}
	if err := proto.Unmarshal(body, m); err != nil || m.GetTaskId().GetValue() != fmt.Sprint(n) {
		t.Fatalf("got message %v, %v, want task %d", m, err, n)
	}
	self := "master@" + p.Addr()
	for name, want := range map[string]string{"Libprocess-From": self, "User-Agent": "libprocess/" + self, "Connection": "Keep-Alive"} {
		if got := q.Header.Get(name); got != want {
			t.Errorf("header %s: got %q, want %q", name, got, want)
		}
	}
	if want := "/" + to.ID + "/mesos.internal.KillTaskMessage"; q.Method != http.MethodPost || q.RequestURI != want || q.Host != to.Addr {
		t.Errorf("got %s %s for %s, want POST %s for %s", q.Method, q.RequestURI, q.Host, want, to.Addr)
	}
}

// Requests that are sent one after the other without waiting, as libmesos does, arrive in order, chunked or not; what
// is sent to the peer goes over one connection of ours, in order.
func TestBothWays(t *testing.T) {
	const n = 200
	p, d := serve(t, "127.0.0.1:0", libprocess.Options{}), newPeer(t)
	driver, master := d.pid("scheduler(1)"), link.UPID{ID: "master", Addr: p.Addr()}
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var requests bytes.Buffer
	for i := range n {
		body := encode(t, kill(i))
		fmt.Fprintf(&requests, "POST %s HTTP/1.1\r\nUser-Agent: libprocess/%s\r\nConnection: Keep-Alive\r\nHost: \r\n", killPath, driver)
		if i%2 == 0 {
			fmt.Fprintf(&requests, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		} else {
			fmt.Fprintf(&requests, "Content-Length: %d\r\n\r\n%s", len(body), body)
		}
	}
	go func() { _, _ = c.Write(requests.Bytes()) }()
	answers := bufio.NewReader(c)
	for i := range n {
		wantKill(t, p, driver, i)
		a, err := http.ReadResponse(answers, nil)
		if err != nil || a.StatusCode != http.StatusAccepted {
			t.Fatalf("answer %d: got %v, %v, want 202", i, a, err)
		}
	}
	for i := range n {
		p.Send(master, driver, kill(i))
	}
	in := d.accept()
	if _, err := io.WriteString(in, "HTTP/1.1 202 OK\r\nContent-Length: 0\r\n\r\n"); err != nil { // some do
		t.Fatal(err)
	}
	r := bufio.NewReader(in)
	for i := range n {
		readKill(t, r, p, driver, i)
	}
}

// The end of our connection, and not of theirs, is the end of the session; the next message begins another.
func TestExited(t *testing.T) {
	p, d := serve(t, "127.0.0.1:0", libprocess.Options{}), newPeer(t)
	driver, master := d.pid("scheduler(1)"), link.UPID{ID: "master", Addr: p.Addr()}
	for round := range 3 {
		if code := post(t, p.Addr(), killPath, from(driver), bytes.NewReader(encode(t, kill(round)))); code != http.StatusAccepted {
			t.Fatalf("got code %d, want 202", code)
		}
		wantKill(t, p, driver, round)
		p.Connect(driver.Addr)
		p.Connect(driver.Addr)
		p.Send(master, driver, kill(round))
		in := d.accept()
		readKill(t, bufio.NewReader(in), p, driver, round)
		_ = in.Close()
		if e := p.Next(t); e.Exited != driver.Addr {
			t.Fatalf("got %+v, want exited %s", e, driver.Addr)
		}
	}
	// Nobody listens any more.
	_ = d.l.Close()
	if code := post(t, p.Addr(), killPath, from(driver), bytes.NewReader(encode(t, kill(9)))); code != http.StatusAccepted {
		t.Fatalf("got code %d, want 202", code)
	}
	wantKill(t, p, driver, 9)
	p.Send(master, driver, kill(9))
	if e := p.Next(t); e.Exited != driver.Addr {
		t.Fatalf("got %+v, want exited %s", e, driver.Addr)
	}
}

// A peer that does not read loses its session when its queue is full.
func TestOverflow(t *testing.T) {
	p, d := serve(t, "127.0.0.1:0", libprocess.Options{MaxQueue: 1 << 20}), newPeer(t)
	driver, master := d.pid("scheduler(1)"), link.UPID{ID: "master", Addr: p.Addr()}
	p.Remember(driver.Addr)
	p.Connect(driver.Addr)
	in := d.accept()
	defer in.Close()
	big := &internalpb.FrameworkErrorMessage{Message: proto.String(strings.Repeat("x", 600_000))}
	for range 200 { // more than both kernels' buffers
		p.Send(master, driver, big)
	}
	if e := p.Next(t); e.Exited != driver.Addr {
		t.Fatalf("got %+v, want exited %s", e, driver.Addr)
	}
}

// What is queued is sent before the end.
func TestCloseDrains(t *testing.T) {
	const n = 1000
	p, d := serve(t, "127.0.0.1:0", libprocess.Options{}), newPeer(t)
	driver, master := d.pid("scheduler(1)"), link.UPID{ID: "master", Addr: p.Addr()}
	p.Remember(driver.Addr)
	for i := range n {
		p.Send(master, driver, kill(i))
	}
	in := d.accept()
	closed := make(chan error, 1)
	go func() { closed <- p.Close() }()
	r := bufio.NewReader(in)
	for i := range n {
		readKill(t, r, p, driver, i)
	}
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("got %v after the last message, want the end of the connection", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// Programs that have an actor link keep it, whoever claims to be one of them; an address that passes on to another
// program is not taken for the old one.
func TestLinkedPrograms(t *testing.T) {
	p, d := serve(t, "127.0.0.1:0", libprocess.Options{}), newPeer(t)
	addr := d.l.Addr().String()
	master := link.UPID{ID: "master", Addr: p.Addr()}
	if code := post(t, p.Addr(), killPath, from(d.pid("x")), bytes.NewReader(encode(t, kill(1)))); code != http.StatusAccepted {
		t.Fatalf("got code %d, want 202", code)
	}
	wantKill(t, p, d.pid("x"), 1)
	_ = d.l.Close()

	linked := serve(t, addr, libprocess.Options{})
	agent := link.UPID{ID: "slave(1)", Addr: addr}
	linked.Send(agent, master, kill(2))
	wantKill(t, p, agent, 2)
	p.Send(master, agent, kill(3))
	if e := linked.Next(t); e.From != master || e.To != agent.ID {
		t.Fatalf("got %+v, want a message by link from the master", e)
	}
	if code := post(t, p.Addr(), killPath, from(agent), bytes.NewReader(encode(t, kill(4)))); code != http.StatusConflict {
		t.Errorf("a message in the name of a linked program: got code %d, want 409", code)
	}
}

func TestRefused(t *testing.T) {
	p, d := serve(t, "127.0.0.1:0", libprocess.Options{}), newPeer(t)
	good := d.pid("scheduler(1)").String()
	for _, c := range []struct {
		name, path, from string
		body             []byte
		want             int
	}{
		{"no sender", killPath, "", nil, http.StatusTeapot},
		{"no message", "/master/api/v1/scheduler", good, nil, http.StatusTeapot},
		{"sender without address", killPath, "scheduler(1)", nil, http.StatusBadRequest},
		{"sender without port", killPath, "scheduler(1)@127.0.0.1", nil, http.StatusBadRequest},
		{"sender with a path", killPath, "a/b@127.0.0.1:80", nil, http.StatusBadRequest},
		{"sender with a space", killPath, "a b@127.0.0.1:80", nil, http.StatusBadRequest},
		{"this program", killPath, "slave(1)@" + p.Addr(), encode(t, kill(1)), http.StatusBadRequest},
		{"unknown message", "/master/mesos.internal.NoSuchMessage", good, nil, http.StatusNotFound},
		{"message of another protocol", "/master/mesos.v1.FrameworkInfo", good, nil, http.StatusNotFound},
		{"garbage", killPath, good, []byte("garbage"), http.StatusBadRequest},
		{"incomplete message", killPath, good, nil, http.StatusBadRequest},
		{"garbage in a call", "/master/mesos.scheduler.Call", good, []byte{0x1a, 0x05, 1}, http.StatusBadRequest},
	} {
		h := http.Header{}
		if c.from != "" {
			h.Set("Libprocess-From", c.from)
		}
		if got := post(t, p.Addr(), c.path, h, bytes.NewReader(c.body)); got != c.want {
			t.Errorf("%s: got code %d, want %d", c.name, got, c.want)
		}
	}
	// None of it was delivered.
	if code := post(t, p.Addr(), killPath, from(d.pid("last")), bytes.NewReader(encode(t, kill(1)))); code != http.StatusAccepted {
		t.Fatalf("got code %d, want 202", code)
	}
	wantKill(t, p, d.pid("last"), 1)
}
