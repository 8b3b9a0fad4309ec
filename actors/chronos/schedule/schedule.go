package schedule

import (
	"fmt"
	"strings"
	"time"
)

// Schedule says when a job is due.
type Schedule interface {
	// After is the first slot after t, in UTC; false if there is none any more.
	After(t time.Time) (time.Time, bool)
	// String is the schedule as it can be parsed again, at any time, with the same zone.
	String() string
}

// Parse reads an ISO 8601 repeating interval or a line of cron in the named zone of the tz database ("" is UTC). An interval
// without a start begins now.
func Parse(text, zone string, now time.Time) (Schedule, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, fmt.Errorf("schedule is empty: write an ISO 8601 repeating interval like R/2026-01-31T06:00:00Z/P1D, or a line of cron like '0 6 * * *'")
	case IsCron(text):
		return parseCron(text, zone)
	}
	return parseInterval(text, zone, now)
}

// IsCron says that text is meant as a line of cron.
func IsCron(text string) bool {
	return strings.HasPrefix(text, "@") || len(strings.Fields(text)) > 1
}
