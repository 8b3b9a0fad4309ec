package actors

import (
	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

// Network carries messages between programs. *link.Transport and *memnet.Node are Networks; package nettest holds the
// suite that both pass. *libprocess.Network is one before another, for programs that speak HTTP messages.
type Network interface {
	// Addr is the "host:port" under which this program is known to its peers. It never changes.
	Addr() string
	// Start sets who receives, and lets peers in. It is called once, before anything else but Addr.
	Start(r link.Receiver)
	// Send queues m for the program at to.Addr, making a session if there is none. It keeps no hold of m, never
	// blocks and never fails; what cannot be sent is lost, and Receiver.Exited tells of it.
	Send(from, to UPID, m proto.Message)
	// Connect makes a session with the program at addr if there is none. If none can be made Exited(addr) tells.
	Connect(addr string)
	// Close sends what is queued, as far as that goes in a second, ends all sessions and waits for all goroutines.
	Close() error
}
