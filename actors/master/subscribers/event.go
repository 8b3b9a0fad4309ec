package subscribers

import (
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/view"
	"mesos/messages/jsonwriter"
	masterv1 "mesos/messages/mesos/v1/master"
)

// event is an event that many streams share: its text is made once.
type event struct {
	*masterv1.Event
	cluster *view.Cluster // of a SUBSCRIBED, until Event is made of it

	made sync.Once
	text sync.Once
	json []byte
	err  error
}

// fill makes SUBSCRIBED of the picture. Any of those who share it may be first.
func (e *event) fill(heartbeat time.Duration) {
	e.made.Do(func() {
		e.Event = subscribed(e.cluster, heartbeat)
		e.cluster = nil
	})
}

func subscribed(c *view.Cluster, heartbeat time.Duration) *masterv1.Event {
	return &masterv1.Event{Type: masterv1.Event_SUBSCRIBED.Enum(), Subscribed: &masterv1.Event_Subscribed{
		GetState: c.StateProto(), HeartbeatIntervalSeconds: proto.Float64(heartbeat.Seconds()),
	}}
}

// AppendJSON implements httpapi.JSONAppender.
func (e *event) AppendJSON(b []byte) ([]byte, error) {
	e.text.Do(func() {
		var j jsonwriter.Writer
		view.WriteEvent(&j, e.Event)
		e.json, e.err = j.Bytes()
	})
	return append(b, e.json...), e.err
}
