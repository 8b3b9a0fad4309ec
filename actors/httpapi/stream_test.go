package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// streamServer serves one stream for each request, and tells the test about it.
type streamServer struct {
	*httptest.Server
	streams chan *Stream
	ended   chan error
}

func newStreamServer(ctx context.Context, t *testing.T, kind Type, options ...StreamOption) *streamServer {
	t.Helper()
	s := &streamServer{streams: make(chan *Stream, 10), ended: make(chan error, 10)}
	r := NewRouter("master")
	r.HandleFunc("/api/v1/scheduler", func(w http.ResponseWriter, r *http.Request) {
		st := NewStream(w, r, kind, http.Header{"Mesos-Stream-Id": {"abc"}}, options...)
		s.streams <- st
		s.ended <- st.Run(ctx)
	})
	s.Server = httptest.NewServer(r)
	t.Cleanup(s.Close)
	return s
}

// dial subscribes over a bare connection, so that the test sees chunks and their borders.
func (s *streamServer) dial(t *testing.T, header string) (net.Conn, *bufio.Reader, *Stream) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n%s\r\n", header); err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn), <-s.streams
}

// head reads status line and headers.
func head(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

// chunk reads one chunk; the last one is empty.
func chunk(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(line), 16, 32)
	if err != nil {
		return nil, err
	}
	b := make([]byte, n+2)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	return b[:n], nil
}

// record checks that a chunk is exactly one record, and returns it.
func record(t *testing.T, chunk []byte) []byte {
	t.Helper()
	length, body, ok := bytes.Cut(chunk, []byte("\n"))
	if n, err := strconv.Atoi(string(length)); !ok || err != nil || n != len(body) {
		t.Fatalf("chunk %.60q is not one whole record", chunk)
	}
	return body
}

func message(size int) *schedulerv1.Event {
	return &schedulerv1.Event{
		Type:  schedulerv1.Event_ERROR.Enum(),
		Error: &schedulerv1.Event_Error{Message: proto.String(strings.Repeat("m", size))},
	}
}

func heartbeat() *schedulerv1.Event {
	return &schedulerv1.Event{Type: schedulerv1.Event_HEARTBEAT.Enum()}
}

// TestStreamWire checks what stands on the wire: headers, one record in each chunk whatever its size, a clean end; also
// when the request asked to close the connection.
func TestStreamWire(t *testing.T) {
	for _, header := range []string{"", "Connection: close\r\n"} {
		t.Run(header, func(t *testing.T) {
			s := newStreamServer(t.Context(), t, JSON)
			_, r, st := s.dial(t, header)
			h := head(t, r)
			for _, want := range []string{"HTTP/1.1 200 OK\r\n", "Content-Type: application/json\r\n", "Transfer-Encoding: chunked\r\n", "Mesos-Stream-Id: abc\r\n"} {
				if !strings.Contains(h, want) {
					t.Errorf("headers %q lack %q", h, want)
				}
			}
			if strings.Contains(h, "gzip") {
				t.Errorf("headers %q: a stream must not be compressed", h)
			}
			// Around the buffer sizes of net/http, and queued while others wait.
			sizes := []int{0, 1, 1000, 1023, 1024, 2000, 2047, 2048, 2049, 4095, 4096, 5000, 300_000, 3, 2_000_000, 7}
			for _, n := range sizes {
				if !st.Send(message(n)) {
					t.Fatalf("Send of %d bytes: got false", n)
				}
			}
			st.Close(heartbeat())
			if st.Send(message(1)) {
				t.Error("Send after Close: got true, want false")
			}
			for _, n := range sizes {
				c, err := chunk(r)
				if err != nil {
					t.Fatal(err)
				}
				var e struct {
					Error struct{ Message string }
				}
				if err := json.Unmarshal(record(t, c), &e); err != nil || len(e.Error.Message) != n {
					t.Fatalf("record: got a message of %d, %v, want %d", len(e.Error.Message), err, n)
				}
			}
			if c, err := chunk(r); err != nil || string(record(t, c)) != `{"type":"HEARTBEAT"}` {
				t.Fatalf("last record: got %q, %v", c, err)
			}
			if c, err := chunk(r); err != nil || len(c) != 0 {
				t.Fatalf("end: got %q, %v, want the empty chunk", c, err)
			}
			if err := <-s.ended; err != nil {
				t.Errorf("Run: got %v, want nil", err)
			}
			<-st.Done()
			if err := st.Err(); err != nil {
				t.Errorf("Err: got %v, want nil", err)
			}
			st.Close(nil) // a second Close does nothing
		})
	}
}

func TestStreamProtobuf(t *testing.T) {
	s := newStreamServer(t.Context(), t, Protobuf)
	_, r, st := s.dial(t, "")
	if h := head(t, r); !strings.Contains(h, "Content-Type: application/x-protobuf\r\n") {
		t.Errorf("headers: got %q", h)
	}
	want := message(5000)
	st.Send(want)
	c, err := chunk(r)
	if err != nil {
		t.Fatal(err)
	}
	var got schedulerv1.Event
	if err := proto.Unmarshal(record(t, c), &got); err != nil || !proto.Equal(&got, want) {
		t.Fatalf("got %v, %v, want the message back", &got, err)
	}
	st.Close(nil)
	if c, err := chunk(r); err != nil || len(c) != 0 {
		t.Fatalf("end: got %q, %v, want the empty chunk", c, err)
	}
	<-s.ended
}

// TestStreamOverflow never reads: the queue fills, the stream fails at once although a write hangs, and the actor's
// side never waits.
func TestStreamOverflow(t *testing.T) {
	s := newStreamServer(t.Context(), t, Protobuf, MaxQueue(1<<20))
	_, _, st := s.dial(t, "")
	m := message(100_000)
	sent := 0
	for st.Send(m) {
		if sent++; sent > 100_000 {
			t.Fatal("the queue of 1 MiB took 10 GB")
		}
	}
	if st.Send(heartbeat()) {
		t.Error("Send after the overflow: got true")
	}
	st.Close(heartbeat()) // nothing to say any more
	if err := <-s.ended; !errors.Is(err, ErrOverflow) {
		t.Fatalf("Run: got %v, want %v", err, ErrOverflow)
	}
	if !errors.Is(st.Err(), ErrOverflow) {
		t.Errorf("Err: got %v, want %v", st.Err(), ErrOverflow)
	}
}

// TestStreamLargeEvent sends one event larger than the whole queue.
func TestStreamLargeEvent(t *testing.T) {
	s := newStreamServer(t.Context(), t, Protobuf, MaxQueue(1000))
	_, r, st := s.dial(t, "")
	head(t, r)
	if !st.Send(message(100_000)) {
		t.Fatal("an empty queue refused an event")
	}
	if c, err := chunk(r); err != nil || len(record(t, c)) < 100_000 {
		t.Fatalf("got %d bytes, %v", len(c), err)
	}
	st.Close(nil)
	<-s.ended
}

// TestStreamStalled lets a write hang until its deadline, also while the stream is closing.
func TestStreamStalled(t *testing.T) {
	s := newStreamServer(t.Context(), t, Protobuf, WriteTimeout(300*time.Millisecond))
	_, r, st := s.dial(t, "")
	for range 60 {
		st.Send(message(900_000)) // together more than the kernel buffers
	}
	st.Close(heartbeat())
	if err := <-s.ended; !errors.Is(err, ErrStalled) {
		t.Fatalf("Run: got %v, want %v", err, ErrStalled)
	}
	rest, err := io.ReadAll(r)
	if err == nil && bytes.HasSuffix(rest, []byte("0\r\n\r\n")) {
		t.Errorf("got %q: a failed stream must not look well ended", rest)
	}
}

func TestStreamPeerGone(t *testing.T) {
	s := newStreamServer(t.Context(), t, JSON)
	conn, r, _ := s.dial(t, "")
	head(t, r)
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-s.ended; !errors.Is(err, ErrPeerGone) {
		t.Fatalf("Run: got %v, want %v", err, ErrPeerGone)
	}
}

// TestStreamShutdown ends the daemon's context while the stream idles, and while a write hangs.
func TestStreamShutdown(t *testing.T) {
	stopping := errors.New("stopping")
	for _, hang := range []bool{false, true} {
		t.Run(fmt.Sprint("hang=", hang), func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			s := newStreamServer(ctx, t, JSON)
			_, _, st := s.dial(t, "")
			if hang {
				st.Send(message(32 << 20)) // more than the kernel buffers
				st.Send(heartbeat())
			}
			cancel(stopping)
			if err := <-s.ended; !errors.Is(err, stopping) {
				t.Fatalf("Run: got %v, want %v", err, stopping)
			}
			if st.Send(heartbeat()) {
				t.Error("Send after the end: got true")
			}
		})
	}
}

// TestStreamBadEvent ends the stream with an error that names the message.
func TestStreamBadEvent(t *testing.T) {
	s := newStreamServer(t.Context(), t, Protobuf)
	_, r, st := s.dial(t, "")
	head(t, r)
	st.Send(&v1.FrameworkID{}) // value is required
	if err := <-s.ended; err == nil || !strings.Contains(err.Error(), "FrameworkID") {
		t.Fatalf("Run: got %v, want an error that names FrameworkID", err)
	}
}

// TestStreamShared sends the same messages into many streams from several goroutines, each of which keeps its order.
func TestStreamShared(t *testing.T) {
	const streams, senders, each = 4, 3, 200
	s := newStreamServer(t.Context(), t, JSON)
	var all []*Stream
	var readers []*bufio.Reader
	for range streams {
		_, r, st := s.dial(t, "")
		head(t, r)
		all, readers = append(all, st), append(readers, r)
	}
	var wg sync.WaitGroup
	for g := range senders {
		wg.Go(func() {
			for i := range each {
				m := &v1.FrameworkID{Value: proto.String(fmt.Sprintf("%d %d", g, i))}
				for _, st := range all {
					st.Send(m)
				}
			}
		})
	}
	wg.Wait()
	for i, r := range readers {
		next := map[int]int{}
		for range senders * each {
			c, err := chunk(r)
			if err != nil {
				t.Fatal(err)
			}
			var id struct{ Value string }
			if err := json.Unmarshal(record(t, c), &id); err != nil {
				t.Fatal(err)
			}
			var g, n int
			if _, err := fmt.Sscan(id.Value, &g, &n); err != nil || n != next[g] {
				t.Fatalf("stream %d, sender %d: got %d, want %d", i, g, n, next[g])
			}
			next[g]++
		}
		all[i].Close(nil)
		if err := <-s.ended; err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkStream measures events through a loopback connection, status updates of about 200 bytes in JSON.
func BenchmarkStream(b *testing.B) {
	streams := make(chan *Stream, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st := NewStream(w, r, JSON, nil, MaxQueue(1<<30))
		streams <- st
		_ = st.Run(r.Context())
	}))
	defer s.Close()
	resp, err := s.Client().Post(s.URL, "", nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Client().CloseIdleConnections()
	st := <-streams
	m := message(180)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N { // not b.Loop: what counts is over when the last event has been read
		st.Send(m)
	}
	st.Close(nil)
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	_ = resp.Body.Close()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	if err := st.Err(); err != nil {
		b.Fatal(err)
	}
}
