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
	cluster *view.Cluster                    // of a SUBSCRIBED, until Event is made of it
	see     view.Sight                       // of that: what those who share it may see
	as      func(view.Sight) *masterv1.Event // what somebody sees of it, nil for nothing; nil: all see all

	made sync.Once
	text sync.Once
	json []byte
	err  error
}

// seenBy is what somebody sees of the event, nil for nothing.
func (e *event) seenBy(see view.Sight) *event {
	if see == nil || e.as == nil {
		return e
	}
	switch seen := e.as(see); seen {
	case nil:
		return nil
	case e.Event:
		return e
	default:
		return &event{Event: seen}
	}
}

// fill makes SUBSCRIBED of the picture. Any of those who share it may be first.
func (e *event) fill(heartbeat time.Duration) {
	e.made.Do(func() {
		e.Event = subscribed(e.cluster.For(e.see), heartbeat)
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
