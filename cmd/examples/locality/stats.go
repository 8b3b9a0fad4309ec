package main

import (
	"fmt"
	"time"
)

// stats is the locality that the tasks got and how long they waited for it.
type stats struct {
	local, other    int
	waited, longest time.Duration
}

func (s *stats) add(local bool, waited time.Duration) {
	if local {
		s.local++
	} else {
		s.other++
	}
	s.waited += waited
	s.longest = max(s.longest, waited)
}

// String is like "local 8, other 2 (80 % local), waited 0.41 s on average, 3.01 s at most".
func (s *stats) String() string {
	n := max(s.local+s.other, 1)
	return fmt.Sprintf("local %d, other %d (%d %% local), waited %.2f s on average, %.2f s at most",
		s.local, s.other, 100*s.local/n, s.waited.Seconds()/float64(n), s.longest.Seconds())
}
