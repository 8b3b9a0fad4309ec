package simtest

// alarm is something that a stage does later.
type alarm struct {
	stage *stage
	f     func() // nil once stopped or begun
}

// Stop has it never done; it was too late if false.
func (a *alarm) Stop() bool {
	a.stage.mu.Lock()
	defer a.stage.mu.Unlock()
	stopped := a.f != nil
	a.f = nil
	return stopped
}

// due is when: in nanoseconds, and of several at one time the one that was set first comes first.
type due struct {
	at     int64
	number uint64
	*alarm
}

func (d due) before(x due) bool { return d.at < x.at || d.at == x.at && d.number < x.number }

// alarms is a binary heap, the next one first. (Package container/heap costs twice as much, and a run sets an alarm for
// nearly each message.)
type alarms []due

func (a *alarms) push(d due) {
	h := append(*a, d)
	i := len(h) - 1
	for i > 0 && d.before(h[(i-1)/2]) {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = d
	*a = h
}

// pop takes the first; there must be one.
func (a *alarms) pop() due {
	h := *a
	first, last := h[0], h[len(h)-1]
	h[len(h)-1] = due{}
	h = h[:len(h)-1]
	if len(h) > 0 {
		i := 0
		for {
			c := 2*i + 1
			if c+1 < len(h) && h[c+1].before(h[c]) {
				c++
			}
			if c >= len(h) || !h[c].before(last) {
				break
			}
			h[i] = h[c]
			i = c
		}
		h[i] = last
	}
	*a = h
	return first
}
