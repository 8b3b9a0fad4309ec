package dockertask

import (
	"encoding/binary"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"mesos/actors/containerizer/docker/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeEngine is an engine with one container, which does nothing by itself.
type fakeEngine struct {
	t      *testing.T
	client *engine.Client

	mu      sync.Mutex
	calls   []string
	streams []net.Conn
	running bool
	removed bool
	code    int
	waits   []chan struct{} // closed to answer, or to break off
	lost    bool            // the engine restarts: waits are broken off
	refuses string          // the call that is refused
	created map[string]any
}

func newFake(t *testing.T) *fakeEngine {
	t.Helper()
	f := &fakeEngine{t: t}
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: f}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	f.client = engine.New(socket)
	t.Cleanup(func() {
		f.client.Close()
		f.mu.Lock()
		for _, c := range f.streams {
			c.Close()
		}
		f.mu.Unlock()
		_ = server.Close()
		<-served
	})
	return f
}

// ServeHTTP implements http.Handler.
func (f *fakeEngine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	if r.URL.Path == "/_ping" {
		w.Header().Set("Api-Version", "1.41")
		return
	}
	if name == "kill" {
		name += " " + r.URL.Query().Get("signal")
	}
	if r.Method == http.MethodDelete {
		name = "remove"
	}
	f.mu.Lock()
	f.calls = append(f.calls, name)
	refused := f.refuses == name
	f.mu.Unlock()
	if refused {
		http.Error(w, `{"message":"no `+name+` today"}`, http.StatusInternalServerError)
		return
	}
	f.answer(w, r, name)
}

func (f *fakeEngine) answer(w http.ResponseWriter, r *http.Request, name string) {
	switch name {
	case "create":
		f.mu.Lock()
		_ = json.NewDecoder(r.Body).Decode(&f.created)
		f.mu.Unlock()
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"Id":"c"}`))
	case "attach":
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			f.t.Error(err)
			return
		}
		f.mu.Lock()
		f.streams = append(f.streams, c) // before who asked can go on
		f.mu.Unlock()
		_, _ = c.Write([]byte("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"))
	case "start":
		f.mu.Lock()
		f.running = true
		f.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case "json":
		f.inspect(w)
	case "wait":
		f.wait(w, r)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

func (f *fakeEngine) inspect(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.removed {
		http.Error(w, `{"message":"no such container"}`, http.StatusNotFound)
		return
	}
	state := map[string]any{"Running": f.running, "ExitCode": f.code, "Pid": 1 << 30}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"Id": "c", "State": state, "Config": map[string]any{"StopSignal": "SIGQUIT"},
		"NetworkSettings": map[string]any{"Networks": map[string]any{"n": map[string]any{"IPAddress": "10.9.8.7"}}},
	})
}

// wait answers when the container has ended.
func (f *fakeEngine) wait(w http.ResponseWriter, r *http.Request) {
	ch := make(chan struct{})
	f.mu.Lock()
	f.waits = append(f.waits, ch)
	ended := !f.running
	f.mu.Unlock()
	if !ended {
		select {
		case <-ch:
		case <-r.Context().Done():
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost {
		panic(http.ErrAbortHandler)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"StatusCode": f.code})
}

// say writes to the newest stream, as the engine frames it.
func (f *fakeEngine) say(stream byte, text string) {
	f.mu.Lock()
	c := f.streams[len(f.streams)-1]
	f.mu.Unlock()
	head := []byte{stream, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[4:], uint32(len(text)))
	if _, err := c.Write(append(head, text...)); err != nil {
		f.t.Error(err)
	}
}

// drop closes streams and breaks waits off, as an engine that restarts does.
func (f *fakeEngine) drop(lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost = lost
	for _, c := range f.streams {
		c.Close()
	}
	for _, w := range f.waits {
		close(w)
	}
	f.waits = nil
}

// end has the container end.
func (f *fakeEngine) end(code int) {
	f.mu.Lock()
	f.running, f.code = false, code
	f.mu.Unlock()
	f.drop(false)
}

func (f *fakeEngine) log() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.calls, ", ")
}

func (f *fakeEngine) waiting() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.waits) > 0
}
