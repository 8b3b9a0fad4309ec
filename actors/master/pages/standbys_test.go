package pages

import (
	"strings"
	"testing"
	"time"
)

func TestStandbysAreForgotten(t *testing.T) {
	var s standbys
	now := time.Unix(1000, 0)
	for i := range 100 {
		s.note(strings.Repeat("m", i+1)+":1", now)
	}
	if got := len(s.at(now)); got != maxStandbys {
		t.Errorf("got %d standbys, want at most %d", got, maxStandbys)
	}
	s.note("m:1", now.Add(standbyLife))
	if got := strings.Join(s.at(now.Add(standbyLife+1)), " "); got != "m:1" {
		t.Errorf("later: got %q, want only who was heard of again", got)
	}
}
