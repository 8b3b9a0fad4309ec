package master

import "time"

// limiter lets one event pass in so much time. The zero value lets all pass. It is
// given the time.
type limiter struct {
	every time.Duration
	free  time.Time // when the next may pass
}

// take lets an event pass, or says how long it must wait.
func (l *limiter) take(now time.Time) (wait time.Duration) {
	if wait = l.free.Sub(now); wait > 0 {
		return wait
	}
	l.free = now.Add(l.every)
	return 0
}

// removals are agents that wait to be given up, so that a failure of the network
// does not take the cluster away at once.
type removals struct {
	limiter limiter
	queue   []string
	begin   map[string]func() // of those that still wait
	timer   bool              // the next is on its way
}

// scheduleRemoval gives an agent up when its turn comes, unless that is cancelled.
func (m *Master) scheduleRemoval(id string, begin func()) {
	if m.removals.begin[id] != nil {
		return
	}
	m.metrics.UnreachableScheduled.Inc()
	m.removals.begin[id] = begin
	m.removals.queue = append(m.removals.queue, id)
	m.nextRemoval()
}

// cancelRemoval is told when an agent gave a sign of life or went another way.
func (m *Master) cancelRemoval(id string) {
	if m.removals.begin[id] != nil {
		delete(m.removals.begin, id)
		m.metrics.UnreachableCanceled.Inc()
		m.log.Info("agent is not given up after all", "agent_id", id)
	}
}

// nextRemoval begins what may begin now.
func (m *Master) nextRemoval() {
	r := &m.removals
	for len(r.queue) > 0 && !r.timer {
		id := r.queue[0]
		begin := r.begin[id]
		if begin == nil {
			r.queue = r.queue[1:] // it was cancelled
			continue
		}
		if wait := r.limiter.take(time.Now()); wait > 0 {
			r.timer = true
			m.p.Delay(wait, func() {
				r.timer = false
				m.nextRemoval()
			})
			return
		}
		r.queue = r.queue[1:]
		delete(r.begin, id)
		begin()
	}
}
