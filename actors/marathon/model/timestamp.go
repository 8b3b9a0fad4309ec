package model

import (
	"fmt"
	"strconv"
	"time"
)

// layout is RFC 3339 in UTC with milliseconds, always three.
const layout = "2006-01-02T15:04:05.000Z"

// Timestamp is a moment to the millisecond. It names versions.
type Timestamp struct{ time.Time }

// At cuts t to milliseconds.
func At(t time.Time) Timestamp {
	if t.IsZero() {
		return Timestamp{}
	}
	return Timestamp{t.UTC().Truncate(time.Millisecond)}
}

// String is the timestamp as it stands in JSON.
func (t Timestamp) String() string { return t.UTC().Format(layout) }

// After says that t is later than o.
func (t Timestamp) After(o Timestamp) bool { return t.Time.After(o.Time) }

// ParseTimestamp reads what String writes, and any other RFC 3339.
func ParseTimestamp(s string) (Timestamp, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return Timestamp{}, fmt.Errorf("%q is no time like %s", s, layout)
	}
	return At(t), nil
}

// MarshalJSON implements json.Marshaler.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return strconv.AppendQuote(nil, t.String()), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Timestamp) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return &ValueError{Message: "must be a time in quotes, like " + layout}
	}
	got, err := ParseTimestamp(s)
	if err != nil {
		return &ValueError{Message: err.Error()}
	}
	*t = got
	return nil
}
