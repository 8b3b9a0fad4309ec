package httpapi

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

func subscribeCall() *schedulerv1.Call {
	return &schedulerv1.Call{
		Type:      schedulerv1.Call_SUBSCRIBE.Enum(),
		Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("x")}},
	}
}

func TestReadCall(t *testing.T) {
	binary, err := proto.Marshal(subscribeCall())
	if err != nil {
		t.Fatal(err)
	}
	const text = `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x"}},"framework_id":null,"other":1}`
	tests := []struct {
		name, method, contentType, body string
		code                            int
		says                            string
	}{
		{"json", "POST", MediaJSON, text, 200, ""},
		{"protobuf", "POST", MediaProtobuf, string(binary), 200, ""},
		{"get", "GET", MediaJSON, "", 405, "POST"},
		{"method before content type", "PUT", "text/plain", "x", 405, "POST"},
		{"no content type", "POST", "", text, 400, "Content-Type"},
		{"other content type", "POST", "text/plain", "x", 415, "text/plain"},
		{"parameter", "POST", "application/json; charset=utf-8", text, 415, "charset"},
		{"case", "POST", "Application/JSON", text, 415, "Application"},
		{"recordio", "POST", "application/recordio", text, 415, "recordio"},
		{"truncated json", "POST", MediaJSON, "{", 400, "mesos.v1.scheduler.Call"},
		{"not json", "POST", MediaJSON, "x", 400, "mesos.v1.scheduler.Call"},
		{"empty json", "POST", MediaJSON, "", 400, "mesos.v1.scheduler.Call"},
		{"truncated protobuf", "POST", MediaProtobuf, string(binary[:len(binary)-1]), 400, "mesos.v1.scheduler.Call"},
		{"missing in json", "POST", MediaJSON, `{"type":"SUBSCRIBE","subscribe":{"framework_info":{"name":"x"}}}`, 400, "user"},
		{"missing in protobuf", "POST", MediaProtobuf, "\x10\x01\x1a\x05\x0a\x03\x12\x01x", 400, "user"},
		{"wrong json type", "POST", MediaJSON, `{"subscribe":{"framework_info":{"user":{},"name":"x"}}}`, 400, "subscribe.framework_info.user"},
		{"deep json", "POST", MediaJSON, strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300), 400, "mesos.v1.scheduler.Call"},
		{"unknown enum", "POST", MediaJSON, `{"type":"NOBODY"}`, 200, ""}, // unset: the API's own validation answers
		{"too large", "POST", MediaJSON, `{"x":"` + strings.Repeat("y", 4096) + `"}`, 413, "4096"},
		{"just fits", "POST", MediaJSON, `{"x":"` + strings.Repeat("y", 4096-8) + `"}`, 200, ""},
	}
	for _, tt := range tests {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/chunked=%v", tt.name, chunked), func(t *testing.T) {
				r := httptest.NewRequest(tt.method, "/api/v1/scheduler", strings.NewReader(tt.body))
				if chunked {
					r.ContentLength = -1
				}
				if tt.contentType != "" {
					r.Header.Set("Content-Type", tt.contentType)
				}
				w := httptest.NewRecorder()
				var call schedulerv1.Call
				_, ok := ReadCall(w, r, &call, 4096)
				if ok != (tt.code == 200) || w.Code != tt.code {
					t.Fatalf("got %v, %d %q, want %d", ok, w.Code, w.Body, tt.code)
				}
				if ok {
					return
				}
				if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
					t.Errorf("content type: got %q", got)
				}
				if !strings.Contains(w.Body.String(), tt.says) {
					t.Errorf("sentence: got %q, want it to name %q", w.Body, tt.says)
				}
				if tt.code == 405 && w.Header().Get("Allow") != "POST" {
					t.Errorf("Allow: got %q, want POST", w.Header().Get("Allow"))
				}
			})
		}
	}
}

func callServer(t *testing.T) *httptest.Server {
	t.Helper()
	r := NewRouter("master")
	r.HandleFunc("/api/v1/scheduler", func(w http.ResponseWriter, r *http.Request) {
		var call schedulerv1.Call
		if _, ok := ReadCall(w, r, &call, 1<<20); ok {
			Accepted(w)
		}
	})
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return s
}

// TestHugeBody sends 100 MB and reads only afterwards, with and without Content-Length: the client must get its answer,
// and the memory of the program must not have grown with the body.
func TestHugeBody(t *testing.T) {
	s := callServer(t)
	const size = 100 << 20
	for _, chunked := range []bool{false, true} {
		t.Run(fmt.Sprintf("chunked=%v", chunked), func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			head := fmt.Sprintf("POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n", MediaJSON)
			piece := bytes.Repeat([]byte(" "), 1<<20)
			if chunked {
				head += "Transfer-Encoding: chunked\r\n\r\n"
				piece = append(append([]byte("100000\r\n"), piece...), "\r\n"...)
			} else {
				head += fmt.Sprintf("Content-Length: %d\r\n\r\n", size)
			}
			if _, err := io.WriteString(conn, head); err != nil {
				t.Fatal(err)
			}
			for range size >> 20 {
				if _, err := conn.Write(piece); err != nil {
					t.Fatalf("the server cut the connection while the body was sent: %v", err)
				}
			}
			if chunked {
				if _, err := io.WriteString(conn, "0\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
			}
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(body), "1048576") {
				t.Fatalf("got %d %q, %v, want 413 that names the limit", resp.StatusCode, body, err)
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("got %d bytes allocated, want far less than the body", grown)
			}
		})
	}
}

// TestTornBody ends the connection in the middle of the body.
func TestTornBody(t *testing.T) {
	type result struct {
		ok   bool
		code int
	}
	results := make(chan result, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		w := httptest.NewRecorder() // the client has gone; what would it have got?
		_, ok := ReadCall(w, r, &schedulerv1.Call{}, 0)
		results <- result{ok, w.Code}
	}))
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100\r\n\r\n{}", MediaJSON)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-results; got.ok || got.code != 400 {
		t.Fatalf("got %+v, want a 400", got)
	}
}

// TestConnectionIsReused checks that the deadlines of one call do not end the next on the same connection.
func TestConnectionIsReused(t *testing.T) {
	s := callServer(t)
	client := s.Client()
	defer client.CloseIdleConnections()
	for range 3 {
		resp, err := client.Post(s.URL+"/api/v1/scheduler", MediaJSON, strings.NewReader(`{"type":"REVIVE"}`))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusAccepted || len(body) != 0 || resp.ContentLength != 0 {
			t.Fatalf("got %d, %q, %v, want an empty 202", resp.StatusCode, body, err)
		}
		_ = resp.Body.Close()
	}
}

func TestWriteMessage(t *testing.T) {
	m := &v1.FrameworkID{Value: proto.String("f")}
	for _, tt := range []struct {
		t    Type
		want string
	}{{JSON, `{"value":"f"}`}, {Protobuf, "\x0a\x01f"}} {
		w := httptest.NewRecorder()
		WriteMessage(w, tt.t, m)
		if w.Code != 200 || w.Header().Get("Content-Type") != tt.t.String() || w.Body.String() != tt.want {
			t.Errorf("%v: got %d %q %q, want %q", tt.t, w.Code, w.Header(), w.Body, tt.want)
		}
	}
	w := httptest.NewRecorder()
	WriteMessage(w, Protobuf, &v1.FrameworkID{}) // value is required
	if w.Code != 500 || !strings.Contains(w.Body.String(), "FrameworkID") {
		t.Errorf("incomplete message: got %d %q, want 500 that names it", w.Code, w.Body)
	}
}

func FuzzReadCall(f *testing.F) {
	f.Add(true, []byte(`{"type":"SUBSCRIBE"}`))
	f.Add(false, []byte("\x10\x01"))
	f.Fuzz(func(t *testing.T, json bool, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", MediaProtobuf)
		if json {
			r.Header.Set("Content-Type", MediaJSON)
		}
		w := httptest.NewRecorder()
		_, ok := ReadCall(w, r, &schedulerv1.Call{}, 0)
		if !ok && (w.Code != 400 || w.Body.Len() == 0) {
			t.Fatalf("%q: got %d %q, want 400 with a sentence", body, w.Code, w.Body)
		}
	})
}
