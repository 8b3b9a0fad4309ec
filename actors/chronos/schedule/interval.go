package schedule

import (
	"fmt"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// interval is R[n]/start/period.
type interval struct {
	repeat int // how many slots there are; less than 0: without end
	start  wall
	zone   *time.Location
	period Period
}

var repeating = regexp.MustCompile(`^R(\d*)/([^/]*)/([^/]*)$`)

// startForms are the forms of a start; the date alone is its first moment.
var startForms = []string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02T15", "2006-01-02"}

// parseInterval reads a repeating interval. Without a start it begins now.
func parseInterval(text, zoneName string, now time.Time) (*interval, error) {
	parts := repeating.FindStringSubmatch(text)
	if parts == nil {
		return nil, fmt.Errorf("schedule %q is no ISO 8601 repeating interval: write R/START/PERIOD or Rn/START/PERIOD, like R10/2026-01-31T06:00:00Z/P1D", text)
	}
	s := &interval{repeat: -1}
	if parts[1] != "" {
		n, err := strconv.Atoi(parts[1])
		if err != nil || n > math.MaxInt32 {
			return nil, fmt.Errorf("schedule %q: R%s repeats too often: leave the number away for no end", text, parts[1])
		}
		s.repeat = n
	}
	var err error
	if s.period, err = ParsePeriod(parts[3]); err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	if s.period.Length() < time.Second {
		return nil, fmt.Errorf("schedule %q: the period %s is shorter than a second", text, parts[3])
	}
	if s.start, s.zone, err = parseStart(parts[2], zoneName, now); err != nil {
		return nil, fmt.Errorf("schedule %q: %w", text, err)
	}
	if at := s.slot(0); at.Unix() < 1 || at.Year() > 9999 {
		return nil, fmt.Errorf("schedule %q: its start is before 1970 or after 9999", text)
	}
	return s, nil
}

// parseStart reads the first slot. A zone by name wins over one that stands in the start, whose reading of the clock stays;
// UTC is for starts that say nothing.
func parseStart(text, zoneName string, now time.Time) (wall, *time.Location, error) {
	zone, err := Zone(zoneName)
	if err != nil {
		return wall{}, nil, err
	}
	if text == "" {
		return wallOf(now.Truncate(time.Millisecond), zone), zone, nil
	}
	reading, offset := splitOffset(text)
	if offset != "" && zoneName == "" {
		at, err := time.Parse("Z07:00", offset)
		if err != nil {
			return wall{}, nil, fmt.Errorf("the offset %q of its start is neither Z nor like +01:00", offset)
		}
		zone = at.Location()
	}
	for _, form := range startForms {
		if t, err := time.Parse(form, reading); err == nil {
			return wall{t}, zone, nil
		}
	}
	return wall{}, nil, fmt.Errorf("its start %q is no time: write it like 2026-01-31T06:00:00Z", text)
}

// splitOffset cuts Z, +hh:mm, +hhmm or +hh from the end of a time.
func splitOffset(text string) (reading, offset string) {
	date, clock, ok := strings.Cut(text, "T")
	if !ok {
		return text, ""
	}
	i := strings.IndexAny(clock, "Zz+-")
	if i < 0 {
		return text, ""
	}
	offset = strings.ToUpper(clock[i:])
	if digits := strings.ReplaceAll(offset[1:], ":", ""); len(digits) == 2 {
		offset = offset[:1] + digits + ":00"
	} else if len(digits) == 4 {
		offset = offset[:1] + digits[:2] + ":" + digits[2:]
	}
	return date + "T" + clock[:i], offset
}

// slot is the n-th instant, from 0.
func (s *interval) slot(n int) time.Time {
	w := s.start
	if s.period.Months != 0 {
		w = w.plusMonths(n * s.period.Months)
	}
	w = wall{w.AddDate(0, 0, n*s.period.Days)}
	at, _, _ := w.in(s.zone)
	return at.Add(time.Duration(n) * s.period.Exact).UTC()
}

// plusMonths stays within the month that it comes to.
func (w wall) plusMonths(n int) wall {
	first := time.Date(w.Year(), w.Month()+time.Month(n), 1, w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return wall{first.AddDate(0, 0, min(w.Day(), last)-1)}
}

// reach is how far an interval of exact time goes from its start: what a Duration holds.
const reach = 290 * 365 * 24 * time.Hour

// limit is the number of slots, or of those that can be told: before the year 9999, and within reach.
func (s *interval) limit() int {
	n := int(float64(9999-s.start.Year()) * 365 * 24 * float64(time.Hour) / float64(s.period.Length()))
	if s.period.Exact > 0 {
		n = min(n, int(reach/s.period.Exact))
	}
	if s.repeat >= 0 {
		return min(n, s.repeat)
	}
	return n
}

// After is the first slot after t.
func (s *interval) After(t time.Time) (time.Time, bool) {
	limit := s.limit()
	n := sort.Search(limit, func(n int) bool { return s.slot(n).After(t) })
	if n == limit {
		return time.Time{}, false
	}
	return s.slot(n), true
}

// String is the interval with its start.
func (s *interval) String() string {
	repeat := "R"
	if s.repeat >= 0 {
		repeat += strconv.Itoa(s.repeat)
	}
	at := s.start.Format("2006-01-02T15:04:05.000")
	if s.zone == time.UTC {
		at += "Z"
	} else if _, offset := s.slot(0).In(s.zone).Zone(); s.zone.String() == "" { // only an offset
		at += time.Unix(0, 0).In(time.FixedZone("", offset)).Format("Z07:00")
	}
	return repeat + "/" + at + "/" + s.period.String()
}
