package libprocess

import "mesos/actors/link"

// cameOver remembers how to close the connection over which a message of a peer came.
func (n *Network) cameOver(from string, closeConn func()) {
	u, err := link.ParseUPID(from)
	if err != nil || closeConn == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.peers[u.Addr]; known {
		n.incoming[u.Addr] = closeConn
	}
}

// Hangup ends the session with the program at addr, if there is one, as a reset of its connections does: both what this
// program made and what the peer did, so that both hear Exited. Only package fault asks for it.
func (n *Network) Hangup(addr string) {
	n.mu.Lock()
	s, ours := n.peers[addr]
	closeConn := n.incoming[addr]
	delete(n.incoming, addr)
	n.mu.Unlock()
	if !ours {
		if inner, ok := n.inner.(interface{ Hangup(addr string) }); ok {
			inner.Hangup(addr)
		}
		return
	}
	if closeConn != nil {
		closeConn()
	}
	if s != nil {
		s.end(errHungUp)
	}
}

// Peers are the addresses of the programs that speak libprocess, and those with sessions on the inner network.
func (n *Network) Peers() []string {
	n.mu.Lock()
	out := make([]string, 0, len(n.peers))
	for addr := range n.peers {
		out = append(out, addr)
	}
	n.mu.Unlock()
	if inner, ok := n.inner.(interface{ Peers() []string }); ok {
		out = append(out, inner.Peers()...)
	}
	return out
}
