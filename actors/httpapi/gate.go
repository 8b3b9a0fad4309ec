package httpapi

import (
	"net/http"
	"time"
)

// gateTime is how long a request waits for a daemon that is starting.
const gateTime = 5 * time.Second

// Gate holds requests back until the actor that answers them is there: its
// address comes from the port, so the port is open before it.
type Gate struct {
	name string // of the daemon, for the answer
	open chan struct{}
}

// NewGate makes a closed gate; name is like "master".
func NewGate(name string) *Gate { return &Gate{name: name, open: make(chan struct{})} }

// Open lets everyone through. It is called once; what was written before it is seen by who passes.
func (g *Gate) Open() { close(g.open) }

// IsOpen says whether it lets everyone through by now.
func (g *Gate) IsOpen() bool {
	select {
	case <-g.open:
		return true
	default:
		return false
	}
}

// Pass waits for the gate to open. It answers 503 itself and reports false if that takes too long.
func (g *Gate) Pass(w http.ResponseWriter, r *http.Request) bool {
	select {
	case <-g.open:
		return true
	default:
	}
	late := time.NewTimer(gateTime)
	defer late.Stop()
	select {
	case <-g.open:
		return true
	case <-r.Context().Done():
	case <-late.C:
		Errorf(w, http.StatusServiceUnavailable, "The %s has not started yet.", g.name)
	}
	return false
}

// Answer is what an actor says to a call: a status and, for a refusal, a sentence.
type Answer struct {
	Code int
	Text string
}

// Write sends the answer.
func (a Answer) Write(w http.ResponseWriter) {
	switch a.Code {
	case http.StatusAccepted:
		Accepted(w)
	case http.StatusOK:
		w.WriteHeader(http.StatusOK)
	default:
		Errorf(w, a.Code, "%s", a.Text)
	}
}
