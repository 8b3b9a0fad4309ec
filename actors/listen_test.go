package actors_test

import (
	"io"
	"net/http"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	"mesos/actors/link"
)

// Two programs over real sockets, one of them with HTTP on the same port.
func TestListenTCP(t *testing.T) {
	mux := http.NewServeMux()
	server, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{HTTP: mux})
	if err != nil {
		t.Fatal(err)
	}
	a := actors.NewSystem(server)
	defer a.Shutdown()
	count := 0
	p := spawn(t, a, "counter", func(p *actors.Process) {
		actors.Install(p, func(from actors.UPID, m *wrapperspb.Int64Value) {
			count += int(m.Value)
			p.Send(from, wrapperspb.Int64(int64(count)))
		})
	})
	mux.HandleFunc("/count", func(w http.ResponseWriter, _ *http.Request) {
		n, err := actors.Call(p, func() int { return count })
		if err != nil || n != 3 {
			t.Errorf("got %d %v, want 3", n, err)
		}
		_, _ = io.WriteString(w, "counted")
	})

	client, err := link.DialOnly("", link.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := actors.NewSystem(client)
	defer b.Shutdown()
	sums, exits := make(chan int64, 2), make(chan string, 1)
	spawn(t, b, "asker", func(q *actors.Process) {
		actors.Install(q, func(_ actors.UPID, m *wrapperspb.Int64Value) { sums <- m.Value })
		q.OnExited(func(addr string) { exits <- addr })
		q.Link(p.Self())
		q.Send(p.Self(), wrapperspb.Int64(1))
		q.Send(p.Self(), wrapperspb.Int64(2))
	})
	if got := []int64{<-sums, <-sums}; got[0] != 1 || got[1] != 3 {
		t.Errorf("got sums %v, want [1 3]", got)
	}

	browser := &http.Client{Transport: &http.Transport{}}
	defer browser.CloseIdleConnections()
	answer, err := browser.Get("http://" + a.Addr() + "/count")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || string(body) != "counted" {
		t.Errorf("got %q %v, want counted", body, err)
	}
	a.Shutdown()
	if got := <-exits; got != a.Addr() {
		t.Errorf("got exited %s, want %s", got, a.Addr())
	}
}
