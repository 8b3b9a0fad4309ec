package link

// Abort ends t as kill -9 would: every socket is closed at once, whatever is queued.
func (t *Transport) Abort() {
	t.mu.Lock()
	t.closing = true
	peers := make([]*peer, 0, len(t.peers))
	for _, p := range t.peers {
		peers = append(peers, p)
	}
	for c := range t.pending {
		_ = c.Close()
	}
	t.mu.Unlock()
	_ = t.closePort()
	for _, p := range peers {
		p.end(errClosed)
	}
}
