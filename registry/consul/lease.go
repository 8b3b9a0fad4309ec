package consul

import "time"

// lease is until when a master may believe that its session lasts. It is pure: the
// times of its questions are given, by a clock that nobody sets.
type lease struct {
	check, lock, session time.Duration // check_ttl, lock_delay, session_ttl
	passed, renewed      time.Time     // when the last answered one was sent
}

// until is the time before which nobody else can lead: the check fails no sooner
// than its time after a pass, others wait for the lock's delay then, and a session
// lasts for its time. An eighth of that is for the clocks, and for stopping.
func (l lease) until() time.Time {
	byCheck := l.passed.Add((l.check + l.lock) * 7 / 8)
	bySession := l.renewed.Add(l.session * 7 / 8)
	if byCheck.Before(bySession) {
		return byCheck
	}
	return bySession
}
