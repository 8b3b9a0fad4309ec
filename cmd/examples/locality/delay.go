package main

import "time"

// delay decides when a framework stops waiting for the agents that it prefers. It takes what is preferred at once, and
// anything else only after no preferred launch for the limit; from then on it takes anything until a preferred launch
// shows that waiting pays again.
type delay struct {
	limit time.Duration
	since time.Time // of the last preferred launch, or of the start
}

// accepts says whether to launch on an agent now, and if not, how long to wait at most.
func (d *delay) accepts(preferred bool, now time.Time) (yes bool, wait time.Duration) {
	wait = d.since.Add(d.limit).Sub(now)
	if preferred || wait <= 0 {
		return true, 0
	}
	return false, wait
}

// launched is told of each launch.
func (d *delay) launched(preferred bool, now time.Time) {
	if preferred {
		d.since = now
	}
}
