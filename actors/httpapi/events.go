package httpapi

import (
	"errors"
	"net/http"
	"time"
)

// EventStream is the media type of server-sent events.
const EventStream = "text/event-stream"

// eventGrace is how long one write to a reader of events may hang.
const eventGrace = 30 * time.Second

// EventWriter writes to a reader of server-sent events: what it writes goes out at once.
type EventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// NewEventWriter makes one of a response whose header stands.
func NewEventWriter(w http.ResponseWriter) *EventWriter {
	return &EventWriter{w: w, control: http.NewResponseController(w)}
}

// Write implements io.Writer.
func (o *EventWriter) Write(text []byte) (int, error) {
	if err := o.Send(text); err != nil {
		return 0, err
	}
	return len(text), nil
}

// Send writes texts, which go out together.
func (o *EventWriter) Send(texts ...[]byte) error {
	if len(texts) == 0 {
		return nil
	}
	_ = o.control.SetWriteDeadline(time.Now().Add(eventGrace)) // a recorder in a test has none
	for _, t := range texts {
		if _, err := o.w.Write(t); err != nil {
			return err
		}
	}
	if err := o.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
