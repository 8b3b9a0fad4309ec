package actors

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// TestPatience has clients promise a body that does not come: they are let go, whether the handler reads or not.
func TestPatience(t *testing.T) {
	const limit = 100 * time.Millisecond
	mux := http.NewServeMux()
	mux.HandleFunc("/ignores", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ignored") })
	mux.HandleFunc("/reads", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "cut", http.StatusRequestTimeout)
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
	for _, tt := range []struct {
		path, sent string
		promised   int
		status     string
	}{
		{"/ignores", "", 1000, "200"}, {"/ignores", "{", 1000, "200"}, {"/reads", "{", 1000, "408"}, {"/reads", "{}", 2, "200"},
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

// limited is a connection's writer that notes its read deadline.
type limited struct {
	http.ResponseWriter
	at time.Time
}

func (l *limited) SetReadDeadline(at time.Time) error {
	l.at = at
	return nil
}

// TestPatienceEnds: who has sent all may wait for the answer as long as it takes, and who was interrupted stays so.
func TestPatienceEnds(t *testing.T) {
	for _, tt := range []struct {
		name    string
		body    io.Reader
		limited bool // after it was read
	}{
		{"all came", strings.NewReader("{}"), false},
		{"it broke off", io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF)), true},
		{"none", http.NoBody, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &limited{ResponseWriter: httptest.NewRecorder()}
			r := httptest.NewRequest(http.MethodPost, "/", tt.body)
			served := false
			patient(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				served = true
				if began := !w.at.IsZero(); began != (r.ContentLength != 0) {
					t.Errorf("a body of %d bytes: limited %v", r.ContentLength, began)
				}
				_, _ = io.Copy(io.Discard, r.Body)
			}), time.Minute).ServeHTTP(w, r)
			if got := !w.at.IsZero(); !served || got != tt.limited {
				t.Errorf("served %v, limited %v, want %v", served, got, tt.limited)
			}
		})
	}
}
