package fault

import (
	"time"

	"mesos/actors"
)

// Event is one message in the timeline.
type Event struct {
	At       time.Time `json:"at"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Message  string    `json:"message"`       // Kind
	Incoming bool      `json:"incoming"`      // seen where it came from the network
	Did      string    `json:"did,omitempty"` // what was done to it; "": it passed
}

// timeline keeps the newest events, as a ring.
type timeline struct {
	keep   int
	events []Event
	first  int // of the ring, when it is full
}

func (t *timeline) add(e Event) {
	if len(t.events) < t.keep {
		t.events = append(t.events, e)
		return
	}
	t.events[t.first] = e
	t.first = (t.first + 1) % t.keep
}

// note writes a message down. f.mu is held.
func (f *Faults) note(e actors.Envelope, did string) {
	f.line.add(Event{f.o.Now(), e.From.String(), e.To.String(), Kind(e.Message), e.Incoming, did})
}

// Timeline is the newest messages, oldest first.
func (f *Faults) Timeline() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Event, 0, len(f.line.events))
	out = append(out, f.line.events[f.line.first:]...)
	return append(out, f.line.events[:f.line.first]...)
}
