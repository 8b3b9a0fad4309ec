package actors

import (
	"slices"
	"sync"
)

// links remembers which actors want to know when the session with a program ends.
type links struct {
	mu     sync.Mutex
	byAddr map[string][]*Process // each in the order in which its actors linked; mostly one does
}

// add returns false if p is linked to addr already.
func (l *links) add(addr string, p *Process) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := p.linked[addr]; ok {
		return false
	}
	l.byAddr[addr] = append(l.byAddr[addr], p)
	p.linked[addr] = struct{}{}
	return true
}

// take returns the actors linked to addr and forgets their links.
func (l *links) take(addr string) []*Process {
	l.mu.Lock()
	defer l.mu.Unlock()
	ps := l.byAddr[addr]
	delete(l.byAddr, addr)
	for _, p := range ps {
		delete(p.linked, addr)
	}
	return ps
}

// remove forgets the links of a stopped actor.
func (l *links) remove(p *Process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for addr := range p.linked {
		ps := slices.DeleteFunc(l.byAddr[addr], func(o *Process) bool { return o == p })
		if l.byAddr[addr] = ps; len(ps) == 0 {
			delete(l.byAddr, addr)
		}
	}
	clear(p.linked)
}
