package master

import (
	"mesos/actors"
	"mesos/actors/master/v0"
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

// driverConn is the subscription of a driver of version 0: its events are sent as the messages that stand for them.
type driverConn struct {
	linkConn
	events v0.Events
	muted  bool // the same driver registered again: what the old subscription is told is not for it
}

// newDriverConn makes one; again says that the driver has registered before.
func (m *Master) newDriverConn(to actors.UPID, again bool) *driverConn {
	pid := func(agentID string) string {
		if a := m.agents[agentID]; a != nil {
			return a.upid.String()
		}
		return ""
	}
	return &driverConn{linkConn: linkConn{m.p, to}, events: v0.Events{Again: again, PID: pid}}
}

// Send implements Conn. The translation sees every event, for what it learns of them.
func (c *driverConn) Send(e *schedulerv1.Event) {
	if msg := c.events.Message(e); msg != nil && !c.muted {
		c.p.Send(c.to, msg)
	}
}

func isV0(conn Conn) bool {
	_, ok := conn.(*driverConn)
	return ok
}

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
