package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// TestBadClients has clients send requests that do not end, are none, or lie, beside thousands that say nothing at all.
// Each is answered or let go in bounded time, and others are served meanwhile.
func TestBadClients(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	victim := subscribe(t, c.URL("/api/v1/scheduler"))
	ended := idleConnections(t, c.Addr())
	for _, addr := range []string{c.Addr(), c.AgentAddr(0)} {
		for _, tt := range []struct {
			name, first, again string // again is sent until the daemon ends it
			status             string // of the answer; "" = none need come
		}{
			{name: "a header without end, slowly", first: "GET /version HTTP/1.1\r\nHost: x\r\n", again: "X-More: y\r\n"},
			{name: "a header without end, at once", first: "GET /version HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 2<<20)},
			{name: "a request line without end", first: "GET /" + strings.Repeat("x", 2<<20)},
			{name: "a negative length", first: "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", status: "400"},
			{name: "two lengths", first: "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}", status: "400"},
			{name: "a length that is no number", first: "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", status: "400"},
			{name: "chunks of no size", first: "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n", status: "400"},
			{name: "another protocol", first: "PRI * HTTP/9.0\r\n\r\nSM\r\n\r\n", status: "505"},
			{name: "no protocol", first: "hello\r\n\r\n", status: "400"},
		} {
			if tt.again != "" && addr != c.Addr() {
				continue // it takes its time, and is the same there
			}
			t.Run(addr+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				if got := untilLetGo(t, addr, tt.first, tt.again); !strings.Contains(got, tt.status) {
					t.Errorf("got %q, want the status %s", got, tt.status)
				}
			})
		}
		t.Run(addr+" byte by byte", func(t *testing.T) { byteByByte(t, addr) })
		resp, err := http.Get("http://" + addr + "/health")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	stillWell(t, victim, c.URL("/api/v1/scheduler"))
	ended()
	c.WaitAgents(1)
}

// idleConnections opens as many as the limits allow, 10,000 at most, and returns what waits for the daemon to end them.
func idleConnections(t *testing.T, addr string) (ended func()) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	conns := make([]net.Conn, min(10000, int(limit.Cur/2)))
	for i := range conns {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatalf("connection %d of %d: %v", i, len(conns), err)
		}
		conns[i] = conn
	}
	t.Cleanup(func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
	return func() {
		until := time.Now().Add(patience)
		for i, conn := range conns {
			_ = conn.SetReadDeadline(until)
			if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("idle connection %d of %d: %v, want it ended", i, len(conns), err)
			}
		}
	}
}

// untilLetGo sends what it is given and returns the first line of what comes until the daemon ends the connection.
func untilLetGo(t *testing.T, addr, first, again string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	var writer sync.WaitGroup
	stop := make(chan struct{})
	writer.Go(func() {
		_, err := io.WriteString(conn, first) // it may be cut off while it writes
		for err == nil && again != "" {
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
				_, err = io.WriteString(conn, again)
			}
		}
	})
	defer writer.Wait()
	defer close(stop)
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	for err == nil {
		_, err = in.ReadString('\n')
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after %q: %v, want the connection ended", line, err)
	}
	return line
}

// byteByByte sends a good request as slowly as it may be sent, and wants its answer.
func byteByByte(t *testing.T, addr string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	const body = `{"type":"GET_HEALTH"}`
	for _, b := range fmt.Appendf(nil, "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body) {
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("got %q (%v), want the answer 200", line, err)
	}
}
