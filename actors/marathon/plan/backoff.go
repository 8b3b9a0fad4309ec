package plan

import (
	"time"

	"mesos/actors/marathon/model"
)

// Backoff is how launches of a spec are delayed after failures. The zero value delays nothing.
type Backoff struct {
	Delay time.Duration
	Until time.Time
}

// enough is how long an instance must have run for its end to be no failure to start.
const enough = time.Minute

// Failed is the backoff after an instance ended that ran for so long, 0 if it never did.
func (b Backoff) Failed(s *model.Spec, ran time.Duration, now time.Time) Backoff {
	first, factor, most := s.Backoff()
	if b.Delay == 0 || ran >= enough {
		b.Delay = min(first, most)
	} else {
		b.Delay = min(time.Duration(float64(b.Delay)*factor), most)
	}
	b.Until = now.Add(b.Delay)
	return b
}

// Left is how long launches still wait.
func (b Backoff) Left(now time.Time) time.Duration { return max(0, b.Until.Sub(now)) }
