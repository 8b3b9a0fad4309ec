package allocator

import (
	"math"
	"time"
)

// Refuse is the wish of a framework not to see again for a time what it returns.
// Seconds is Filters.refuse_seconds, whose getter gives 5 if the framework set
// none.
type Refuse struct {
	Seconds float64
}

const (
	defaultRefusal = 5 * time.Second
	longestRefusal = 365 * 24 * time.Hour
)

// duration is how long the refusal holds; see the package comment.
func (r Refuse) duration(interval time.Duration) time.Duration {
	d := defaultRefusal
	// What does not fit a time (about 292 years) counts as not given; NaN fails
	// every comparison and so does too.
	if r.Seconds >= 0 && r.Seconds < float64(math.MaxInt64)/float64(time.Second) {
		d = longestRefusal
		if r.Seconds < longestRefusal.Seconds() {
			d = time.Duration(r.Seconds * float64(time.Second))
		}
	}
	return max(d, interval)
}
