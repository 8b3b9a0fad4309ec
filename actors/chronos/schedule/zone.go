package schedule

import (
	"fmt"
	"time"
)

// wall is a reading of a clock, without a zone: it is kept as if it were in UTC.
type wall struct{ time.Time }

func wallAt(year int, month time.Month, day, hour, minute, second, nsec int) wall {
	return wall{time.Date(year, month, day, hour, minute, second, nsec, time.UTC)}
}

// wallOf is what a clock of the zone reads at t.
func wallOf(t time.Time, zone *time.Location) wall {
	l := t.In(zone)
	return wallAt(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond())
}

// in are the instants at which a clock of the zone reads w: one; two if the clock was set back over it; if it jumped over
// it, then none, and first is as long after the jump as w is after the last reading before it.
func (w wall) in(zone *time.Location) (first, second time.Time, exists bool) {
	// The offset from UTC a day earlier and a day later: zones do not change twice in between.
	_, before := w.Add(-24 * time.Hour).In(zone).Zone()
	_, after := w.Add(24 * time.Hour).In(zone).Zone()
	early, late := w.at(before), w.at(after)
	reads := func(t time.Time) bool { return wallOf(t, zone).Equal(w.Time) }
	switch a, b := reads(early), reads(late); {
	case a && b && !early.Equal(late):
		return early, late, true
	case a:
		return early, early, true
	case b:
		return late, late, true
	}
	return early, early, false
}

// at is the instant at which a clock so many seconds ahead of UTC reads w.
func (w wall) at(offset int) time.Time { return w.Add(-time.Duration(offset) * time.Second) }

// Zone finds a time zone by its name in the tz database; "" is UTC.
func Zone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if name == "Local" { // what time.LoadLocation would take for that of this machine
		return nil, fmt.Errorf("time zone %q is not known: write a name of the tz database, like Europe/Berlin", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known: write a name of the tz database, like Europe/Berlin: %w", name, err)
	}
	return zone, nil
}
