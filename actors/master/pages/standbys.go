package pages

import (
	"maps"
	"regexp"
	"slices"
	"time"
)

// standbyLife is how long a standby master is counted on after it was heard of.
const standbyLife = 30 * time.Second

// standbys are the masters that stand by, host:port, and when each was heard of
// last. They tell the leader themselves, so that open pages know where to look
// for the next one. Nothing but pages rests on it.
type standbys map[string]time.Time

// maxStandbys bounds them, since anybody may say that it is one.
const maxStandbys = 16

var hostAndPort = regexp.MustCompile(`^([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}$`)

func (s *standbys) note(at string, now time.Time) {
	if *s == nil {
		*s = standbys{}
	}
	if _, known := (*s)[at]; known || len(s.at(now)) < maxStandbys {
		(*s)[at] = now
	}
}

// at are those that stand by at a time, sorted.
func (s *standbys) at(now time.Time) []string {
	maps.DeleteFunc(*s, func(_ string, heard time.Time) bool { return now.Sub(heard) > standbyLife })
	return slices.Sorted(maps.Keys(*s))
}
