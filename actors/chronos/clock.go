package chronos

import "time"

// longestWait bounds the time between two looks at the clock, which may be set meanwhile.
const longestWait = time.Second

// tick decides about what is due, again and again.
func (s *Scheduler) tick() {
	now := s.advance()
	wait := longestWait
	if next := s.state.NextDue(); next.After(now) {
		wait = min(wait, next.Sub(now))
	}
	s.driver.Delay(max(wait, time.Millisecond), s.tick)
}

// advance decides about the slots that have come, each job's in a write of its own.
func (s *Scheduler) advance() (now time.Time) {
	now = time.Now()
	for _, name := range s.state.DueNow(now) {
		for more := true; more; {
			more = s.state.Due(name, now)
			s.commit()
		}
	}
	s.state.Overdue(now)
	s.commit()
	s.appetite()
	return now
}

// appetite asks for offers while runs are due, and for none when not.
func (s *Scheduler) appetite() {
	if s.driver.FrameworkID() == "" {
		return // the first subscription is under way
	}
	switch wanted := len(s.state.Ready(time.Now())) > 0; {
	case wanted && !s.hungry:
		s.driver.Revive()
		s.hungry = true
	case !wanted && s.hungry:
		s.driver.Suppress()
		s.hungry = false
	}
}
