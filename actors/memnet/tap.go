package memnet

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"mesos/actors/link"
)

// Delivery is what a tap sees: a message about to be delivered, or the news that the session with From.Addr is over.
type Delivery struct {
	From, To link.UPID
	Exited   bool // From and To have only an address, and there is no message
	Name     protoreflect.FullName
	Body     []byte        // encoded; not to be changed or kept
	Message  proto.Message // the same decoded, nil if it cannot be; not to be changed or kept
}

// SetTap has f see everything just before it is delivered; nil: nobody. f is called with the Net's lock held, in the
// order of delivery.
func (n *Net) SetTap(f func(d Delivery)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tap = f
}

func (it item) tapped(r route) Delivery {
	if it.exited {
		return Delivery{From: link.UPID{Addr: r.from}, To: link.UPID{Addr: r.to}, Exited: true}
	}
	return Delivery{From: it.from, To: link.UPID{ID: it.to, Addr: r.to}, Name: it.name, Body: it.body, Message: it.message}
}
