package units

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// Each unit is a whole multiple of the one before it; exact depends on that.
var durations = []unit{
	{"ns", 1},
	{"us", int64(time.Microsecond)},
	{"ms", int64(time.Millisecond)},
	{"secs", int64(time.Second)},
	{"mins", int64(time.Minute)},
	{"hrs", int64(time.Hour)},
	{"days", int64(day)},
	{"weeks", int64(7 * day)},
}

// ParseDuration reads a number followed by one of ns, us, ms, secs, mins, hrs, days, weeks: "15secs", "2.5mins".
// There is no sign, no space and no default unit. A part below one nanosecond is rounded.
func ParseDuration(text string) (time.Duration, error) {
	number, suffix := split(text)
	for _, u := range durations {
		if suffix != u.name {
			continue
		}
		n, err := scale(number, u.size)
		if err != nil {
			return 0, fmt.Errorf("duration %q: %w", text, err)
		}
		return time.Duration(n), nil
	}
	return 0, fmt.Errorf("duration %q: want a number and one of %s, like 15secs", text, names(durations))
}

// FormatDuration writes d as a whole number of the largest unit that is exact: 90 s is "90secs", 120 s is "2mins",
// zero is "0ns". ParseDuration reads every non-negative result back to the same value.
func FormatDuration(d time.Duration) string {
	return exact(int64(d), durations)
}
