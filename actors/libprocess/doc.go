// Package libprocess speaks the message protocol of old Mesos drivers: every message is an HTTP request to the port of
// the receiver. A Network stands between package actors and its other network (a link.Transport), so that actors see
// such programs as they see all others: the same UPIDs, messages, Send and Link.
//
// It owns the connections that it dials, what is queued for them, and the memory of who speaks libprocess. Package
// actors makes one for each daemon (ListenTCP), whose HTTP server gives it the requests that are messages. It never
// looks into a message but for the one whose field numbers differ from ours, and it sends nothing again.
//
// # On the wire
//
//	POST /<receiving actor>/<full name of the message> HTTP/1.1
//	Libprocess-From: <sending actor>@<ip>:<port>
//
// and the encoded message as body, by length or chunked. It is answered 202 by us; peers answer anything or nothing, and
// it is not looked at. Each program sends over a connection of its own to the address that the other one advertises, so
// messages of one sender to one receiver keep their order: a connection's requests are handled one after the other.
//
// Message names are those of mesos.internal, and mesos.scheduler.Call, which becomes a linkpb.DriverCallMessage.
//
// # Who speaks libprocess
//
// A program that has sent such a message is sent such messages, until the connection to it breaks. That, or not getting
// one, is the Exited of its session. Programs that are linked by an actor link are never taken for one: a message of
// theirs by HTTP is refused. A daemon that was started again names the addresses that it remembers by Remember.
//
// # What is refused
//
//	400  a sender that is not id@host:port, or this program itself; a body that is not the message
//	404  a message name that is none
//	409  a sender that has an actor link
//	413  a body over MaxMessage
//	503  too many programs that speak libprocess; this program is about to end
package libprocess
