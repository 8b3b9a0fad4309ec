package units

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParsePercent reads a share like "40%" or "2.5%" and returns it as a fraction between 0 and 1.
func ParsePercent(text string) (float64, error) {
	number, suffix := split(text)
	v, err := strconv.ParseFloat(number, 64)
	if suffix != "%" || err != nil || v > 100 {
		return 0, fmt.Errorf("share %q: want a percentage between 0%% and 100%%, like 40%%", text)
	}
	return v / 100, nil
}

// Rate is a number of permitted events in a span of time.
type Rate struct {
	Events int
	Per    time.Duration
}

// ParseRate reads "N/duration", like "1/20mins" for one event each twenty minutes. Both sides must be above zero.
func ParseRate(text string) (Rate, error) {
	events, per, ok := strings.Cut(text, "/")
	n, err := strconv.Atoi(events)
	if !ok || err != nil || n <= 0 {
		return Rate{}, fmt.Errorf("rate %q: want a number above zero, a slash and a duration, like 1/20mins", text)
	}
	d, err := ParseDuration(per)
	if err != nil {
		return Rate{}, fmt.Errorf("rate %q: %w", text, err)
	}
	if d <= 0 {
		return Rate{}, fmt.Errorf("rate %q: the duration must be above zero", text)
	}
	return Rate{Events: n, Per: d}, nil
}

// String writes r as ParseRate reads it.
func (r Rate) String() string {
	return strconv.Itoa(r.Events) + "/" + FormatDuration(r.Per)
}
