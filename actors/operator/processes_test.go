package operator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mesos/actors"
	"mesos/actors/memnet"
)

// The actors and what waits for them are told in libprocess's form.
func TestProcesses(t *testing.T) {
	var sys *actors.System
	c := &Common{System: func() *actors.System { return sys }}
	ask := func(method string) (int, string) {
		w := httptest.NewRecorder()
		c.serveProcesses(w, httptest.NewRequest(method, "/__processes__", nil))
		return w.Code, w.Body.String()
	}
	if code, text := ask(http.MethodGet); code != 503 {
		t.Errorf("before the actors have started: got %d %s, want 503", code, text)
	}
	sys = actors.NewSystem(memnet.NewNet().Node("a:1"))
	defer sys.Shutdown()
	p, err := sys.SpawnReady("slave(1)", actors.ActorFunc(func(*actors.Process) {}))
	if err != nil {
		t.Fatal(err)
	}
	at, release := make(chan struct{}), make(chan struct{})
	p.Dispatch(func() {
		close(at)
		<-release
	})
	<-at
	defer close(release)
	for range 2 {
		p.Dispatch(func() {})
	}
	if code, text := ask(http.MethodGet); code != 200 || text != `[{"id":"slave(1)","messages":0,"dispatches":2,"events":[{"type":"DISPATCH"},{"type":"DISPATCH"}]}]` {
		t.Errorf("a busy actor: got %d %s, want it with two events", code, text)
	}
	for range 1000 {
		p.Dispatch(func() {})
	}
	if _, text := ask(http.MethodGet); strings.Count(text, "DISPATCH") != mostEvents || !strings.Contains(text, `"dispatches":1002,`) {
		t.Errorf("a long queue: got %.300s, want %d events and the whole number", text, mostEvents)
	}
	if code, _ := ask(http.MethodPost); code != 405 {
		t.Errorf("POST: got %d, want 405", code)
	}
}
