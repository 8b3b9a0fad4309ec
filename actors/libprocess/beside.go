package libprocess

import "net"

// Beside takes actor links from another listener, too, if the inner network can; else it closes it. See link.Transport.
func (n *Network) Beside(l net.Listener) {
	if inner, ok := n.inner.(interface{ Beside(l net.Listener) }); ok {
		inner.Beside(l)
		return
	}
	_ = l.Close()
}
