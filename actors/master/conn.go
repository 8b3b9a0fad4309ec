package master

import (
	"mesos/actors"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// Conn is where the events of one subscription go. Both methods are called on
// the master actor and never block it.
type Conn interface {
	// Send queues an event; the event must not be changed afterwards.
	Send(*schedulerv1.Event)
	// Close sends what is queued and ends the subscription.
	Close()
	// StreamID is the Mesos-Stream-Id of an HTTP subscription, "" for a driver.
	StreamID() string
}

// linkConn is the subscription of a driver that is an actor.
type linkConn struct {
	p  *actors.Process
	to actors.UPID
}

func (c linkConn) Send(e *schedulerv1.Event) { c.p.Send(c.to, e) }
func (c linkConn) Close()                    {}
func (c linkConn) StreamID() string          { return "" }

// driverOf is the process of a driver that is subscribed by conn, zero for a subscription over HTTP.
func driverOf(conn Conn) actors.UPID {
	switch c := conn.(type) {
	case linkConn:
		return c.to
	case *driverConn:
		return c.to
	}
	return actors.UPID{}
}
