package link

// Hangup ends the session with the program at addr, if there is one, as a reset of its connection does: what is queued
// is lost, and both programs hear Exited. Only package fault asks for it.
func (t *Transport) Hangup(addr string) {
	t.mu.RLock()
	p := t.peers[addr]
	t.mu.RUnlock()
	if p != nil {
		p.end(errHungUp)
	}
}

// Peers are the addresses of the programs with which a session is up or wanted.
func (t *Transport) Peers() []string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := make([]string, 0, len(t.peers))
	for addr := range t.peers {
		out = append(out, addr)
	}
	return out
}
