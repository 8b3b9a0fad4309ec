package actors

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

func (i *idleConns) known() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.conns)
}

// A connection without requests is closed, but not one that carried a message.
func TestIdleConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute}
	idle := watchIdle(server, 10*time.Millisecond)
	server.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/message" {
			idle.keep(r)
		}
	})
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	defer func() {
		_ = server.Close()
		<-done
		for start := time.Now(); idle.known() > 0; time.Sleep(time.Millisecond) {
			if time.Since(start) > time.Minute {
				t.Fatalf("%d connections are remembered after the end, want none", idle.known())
			}
		}
	}()
	dial := func() (net.Conn, *bufio.Reader) {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		return c, bufio.NewReader(c)
	}
	ask := func(c net.Conn, r *bufio.Reader, path string) {
		t.Helper()
		if _, err := c.Write([]byte("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		a, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Body.Close()
	}
	kept, answers := dial()
	ask(kept, answers, "/message")
	for range 3 {
		c, r := dial()
		ask(c, r, "/other")
		if _, err := r.ReadByte(); err == nil {
			t.Fatal("got more bytes, want the end of an idle connection")
		} else if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("an idle connection is open after a minute")
		}
		ask(kept, answers, "/other") // idle just as long
	}
}
