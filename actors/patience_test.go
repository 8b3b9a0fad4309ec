package actors

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestPatience has clients promise a body that does not come: they are let go, whether the handler reads or not. Those
// whose body came may wait for their answer as long as it takes.
func TestPatience(t *testing.T) {
	const limit = 100 * time.Millisecond
	late := make(chan struct{}) // closed when limit is long over
	mux := http.NewServeMux()
	mux.HandleFunc("/ignores", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ignored") })
	mux.HandleFunc("/reads", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "cut", http.StatusRequestTimeout)
		}
	})
	mux.HandleFunc("/waits", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-late:
			_, _ = io.WriteString(w, "late")
		case <-r.Context().Done():
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: patient(mux, limit)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	time.AfterFunc(5*limit, func() { close(late) })
	for _, tt := range []struct {
		path, sent string
		promised   int
		status     string
	}{
		{"/ignores", "", 1000, "200"}, {"/ignores", "{", 1000, "200"}, {"/reads", "{", 1000, "408"}, {"/reads", "{}", 2, "200"}, {"/waits", "{}", 2, "200"},
	} {
		t.Run(fmt.Sprintf("%s %d of %d bytes", tt.path, len(tt.sent), tt.promised), func(t *testing.T) {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", tt.path, tt.promised, tt.sent); err != nil {
				t.Fatal(err)
			}
			in := bufio.NewReader(c)
			line, err := in.ReadString('\n')
			if err != nil || !strings.Contains(line, tt.status) {
				t.Fatalf("got %q (%v), want %s", line, err, tt.status)
			}
			if len(tt.sent) == tt.promised {
				return
			}
			if _, err := io.Copy(io.Discard, in); err != nil {
				t.Errorf("after the answer: %v, want the connection closed", err)
			}
		})
	}
}
