package link

import (
	"errors"
	"net"
)

// Beside takes links from another listener, too: one that only programs of this machine can reach, a socket in a directory
// of theirs. They need no encryption, and HTTP is not spoken there. Nobody comes in by it under the address of a program that
// has a session by another way. Closing l, which the caller may do at any time, ends that and no session; Close closes it.
// It is called after Start.
func (t *Transport) Beside(l net.Listener) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closing || !t.started {
		_ = l.Close()
		return
	}
	if t.beside == nil {
		t.beside = map[net.Listener]struct{}{}
	}
	t.beside[l] = struct{}{}
	t.wg.Add(1)
	go func() {
		t.accept(l, true)
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.beside, l)
	}()
}

var errTaken = errors.New("hello addr: a program elsewhere has that address")

// mayCome tells whether an accepted connection may be that of a session which there is.
func (s *session) mayCome(c *conn) bool {
	if !c.local || !s.bound {
		return true
	}
	for _, other := range s.conns {
		if !other.local {
			return false
		}
	}
	return true
}
