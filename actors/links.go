package actors

import "sync"

// links remembers which actors want to know when the session with a program ends.
type links struct {
	mu     sync.Mutex
	byAddr map[string]map[*Process]struct{}
}

// add returns false if p is linked to addr already.
func (l *links) add(addr string, p *Process) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	set := l.byAddr[addr]
	if set == nil {
		set = map[*Process]struct{}{}
		l.byAddr[addr] = set
	}
	if _, ok := set[p]; ok {
		return false
	}
	set[p] = struct{}{}
	p.linked[addr] = struct{}{}
	return true
}

// take returns the actors linked to addr and forgets their links.
func (l *links) take(addr string) []*Process {
	l.mu.Lock()
	defer l.mu.Unlock()
	set := l.byAddr[addr]
	delete(l.byAddr, addr)
	ps := make([]*Process, 0, len(set))
	for p := range set {
		delete(p.linked, addr)
		ps = append(ps, p)
	}
	return ps
}

// remove forgets the links of a stopped actor.
func (l *links) remove(p *Process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for addr := range p.linked {
		set := l.byAddr[addr]
		delete(set, p)
		if len(set) == 0 {
			delete(l.byAddr, addr)
		}
	}
	clear(p.linked)
}
