package schedule

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func at(t testing.TB, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// slots are the first n slots after a moment, as a clock of the zone reads them.
func slots(t *testing.T, text, zone, after string, n int) string {
	t.Helper()
	s, err := Parse(text, zone, at(t, after))
	if err != nil {
		t.Fatal(err)
	}
	loc, err := Zone(zone)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	from := at(t, after)
	for range n {
		next, ok := s.After(from)
		if !ok {
			out = append(out, "over")
			break
		}
		out = append(out, next.In(loc).Format("01-02 15:04:05 -07"))
		from = next
	}
	return strings.Join(out, ", ")
}

func TestSlots(t *testing.T) {
	const winter = "2026-03-27T12:00:00Z" // two days before clocks of Berlin jump from 02:00 to 03:00
	const autumn = "2026-10-23T12:00:00Z" // two days before they are set back from 03:00 to 02:00
	for _, c := range []struct {
		name, schedule, zone, after string
		n                           int
		want                        string
	}{
		{"an end", "R2/2026-01-01T00:00:00Z/PT1M", "", "2025-01-01T00:00:00Z", 3, "01-01 00:00:00 +00, 01-01 00:01:00 +00, over"},
		{"no runs", "R0/2026-01-01T00:00:00Z/PT1M", "", "2025-01-01T00:00:00Z", 1, "over"},
		{"joined late", "R/2014-03-08T20:00:00.000Z/PT2H", "", "2026-01-01T00:30:00Z", 2, "01-01 02:00:00 +00, 01-01 04:00:00 +00"},
		{"a slot is not after itself", "R/2026-01-01T00:00:00Z/PT1H", "", "2026-01-01T01:00:00Z", 1, "01-01 02:00:00 +00"},
		{"an offset", "R/2026-01-01T06:00:00+02:00/P1D", "", "2026-01-01T00:00:00Z", 2, "01-01 04:00:00 +00, 01-02 04:00:00 +00"},
		{"no zone", "R/2026-01-01T06:00:00/P1D", "", "2026-01-01T00:00:00Z", 1, "01-01 06:00:00 +00"},
		{"a zone by name wins", "R/2026-01-01T06:00:00Z/P1D", "America/New_York", "2026-01-01T00:00:00Z", 1, "01-01 06:00:00 -05"},
		{"ends of months", "R/2026-01-31T00:00:00Z/P1M", "", "2026-01-01T00:00:00Z", 4, "01-31 00:00:00 +00, 02-28 00:00:00 +00, 03-31 00:00:00 +00, 04-30 00:00:00 +00"},
		{"now", "R3//PT1M", "", "2026-01-01T00:00:00.5Z", 2, "01-01 00:01:00 +00, 01-01 00:02:00 +00"},

		{"days over a jump", "R/2026-03-01T02:30:00/P1D", "Europe/Berlin", winter, 3, "03-28 02:30:00 +01, 03-29 03:30:00 +02, 03-30 02:30:00 +02"},
		{"days over a setback", "R/2026-10-01T02:30:00/P1D", "Europe/Berlin", autumn, 3, "10-24 02:30:00 +02, 10-25 02:30:00 +02, 10-26 02:30:00 +01"},
		{"hours over a jump", "R/2026-03-01T02:30:00/PT24H", "Europe/Berlin", winter, 3, "03-28 02:30:00 +01, 03-29 03:30:00 +02, 03-30 03:30:00 +02"},

		{"cron", "*/20 6 * * 1-5", "", "2026-01-02T06:30:00Z", 3, "01-02 06:40:00 +00, 01-05 06:00:00 +00, 01-05 06:20:00 +00"},
		{"cron names", "0 0 * feb SUN", "", "2026-01-02T06:30:00Z", 2, "02-01 00:00:00 +00, 02-08 00:00:00 +00"},
		{"cron Sunday is 7", "0 0 * * 7", "", "2026-01-02T06:30:00Z", 1, "01-04 00:00:00 +00"},
		{"cron day or weekday", "0 0 13 * 5", "", "2026-01-02T06:30:00Z", 2, "01-09 00:00:00 +00, 01-13 00:00:00 +00"},
		{"cron leap day", "0 0 29 2 *", "", "2026-01-02T06:30:00Z", 1, "02-29 00:00:00 +00"},
		{"cron shorthand", "@monthly", "", "2026-01-02T06:30:00Z", 1, "02-01 00:00:00 +00"},
		{"cron step from a value", "50/5 0 1 1 *", "", "2026-01-02T06:30:00Z", 2, "01-01 00:50:00 +00, 01-01 00:55:00 +00"},
		{"cron at a time that a jump leaves out", "30 2 * * *", "Europe/Berlin", winter, 3, "03-28 02:30:00 +01, 03-29 03:30:00 +02, 03-30 02:30:00 +02"},
		{"cron at a time that comes twice", "30 2 * * *", "Europe/Berlin", autumn, 3, "10-24 02:30:00 +02, 10-25 02:30:00 +02, 10-26 02:30:00 +01"},
		{"cron every half hour over a jump", "*/30 * 29 3 *", "Europe/Berlin", "2026-03-29T00:15:00Z", 4, "03-29 01:30:00 +01, 03-29 03:00:00 +02, 03-29 03:30:00 +02, 03-29 04:00:00 +02"},
		{"cron every half hour over a setback", "*/30 * 25 10 *", "Europe/Berlin", "2026-10-25T00:15:00Z", 5, "10-25 02:30:00 +02, 10-25 02:00:00 +01, 10-25 02:30:00 +01, 10-25 03:00:00 +01, 10-25 03:30:00 +01"},
		{"cron beside a jump, all hours named", "0 1-3 29 3 *", "Europe/Berlin", winter, 2, "03-29 01:00:00 +01, 03-29 03:00:00 +02"},
		{"a jump of half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-02T12:00:00Z", 2, "10-03 02:15:00 +10, 10-04 02:45:00 +11"},
		{"a jump over midnight", "30 0 * * *", "America/Santiago", "2026-09-05T05:00:00Z", 2, "09-06 01:30:00 -03, 09-07 00:30:00 -03"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := slots(t, c.schedule, c.zone, c.after, c.n); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "is empty",
		"R/yesterday/P1D":                "is no time",
		"R/2026-01-01T00:00:00Z":         "no ISO 8601 repeating interval",
		"R/2026-01-01T00:00:00Z/PT0S":    "shorter than a second",
		"R/2026-01-01T00:00:00Z/P":       "nothing stands behind",
		"R/2026-01-01T00:00:00Z/P1H":     "does not belong there",
		"R/2026-01-01T00:00:00Z/PT1M1H":  "does not belong there",
		"R/2026-01-01T00:00:00Z/1D":      "does not begin with P",
		"R/2026-01-01T00:00:00Z/P1.5D":   "no whole number",
		"R/1960-01-01T00:00:00Z/P1D":     "before 1970",
		"R-1/2026-01-01T00:00:00Z/P1D":   "no ISO 8601 repeating interval",
		"R99999999999/2026-01-01T00/P1D": "repeats too often",
		"* * * *":                        "has 4 fields",
		"60 * * * *":                     "not from 0 to 59",
		"* * * * mon-sun":                "ends before it begins",
		"*/0 * * * *":                    "the step",
		"0 0 31 2 *":                     "never due",
		"@sometimes":                     "not known",
	} {
		if _, err := Parse(text, "", time.Time{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	for _, zone := range []string{"Mars/Olympus", "Local", "../etc/passwd"} {
		if _, err := Parse("@daily", zone, time.Time{}); err == nil || !strings.Contains(err.Error(), "tz database") {
			t.Errorf("zone %q: got %v, want it refused", zone, err)
		}
	}
}

func TestPeriods(t *testing.T) {
	for text, want := range map[string]string{"PT90M": "PT1H30M", "P2W": "P14D", "P1Y2M3DT4H5M6.5S": "P1Y2M3DT4H5M6.5S", "p1d": "P1D", "PT0S": "PT0S"} {
		p, err := ParsePeriod(text)
		if err != nil || p.String() != want {
			t.Errorf("%q: got %v, %v, want %s", text, p, err, want)
		}
	}
}

// What a schedule says of itself is the same schedule, whenever it is read.
func TestStringParsesAgain(t *testing.T) {
	for _, c := range []struct{ text, zone string }{
		{"R5/2026-01-01T06:00:00+02:00/P1M", ""}, {"R/2026-07-01T06:00:00Z/PT90S", "Europe/Berlin"}, {"R//P1D", "Asia/Tokyo"}, {"R3//PT1H", ""},
		{"R/2026-01-01/P1D", ""}, {"*/5 * * * *", "Europe/Berlin"}, {"@daily", ""},
	} {
		now := at(t, "2026-05-05T05:05:05.555Z")
		first, err := Parse(c.text, c.zone, now)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(first.String(), c.zone, now.AddDate(1, 2, 3))
		if err != nil {
			t.Fatalf("%q says %q: %v", c.text, first, err)
		}
		for _, from := range []time.Time{now.AddDate(-1, 0, 0), now, now.AddDate(3, 0, 0)} {
			a, aOK := first.After(from)
			b, bOK := again.After(from)
			if aOK != bOK || !a.Equal(b) {
				t.Errorf("%q says %q: after %v got %v, want %v", c.text, first, from, b, a)
			}
		}
	}
}

// From whatever moment one looks, the slots are the same ones, in order: none twice, none left out.
func TestSlotsAreTheSameFromEverywhere(t *testing.T) {
	zones := []string{"", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia"}
	texts := []string{"*/30 * * * *", "30 2 * * *", "0,30 1-3 * * *", "15 0 * * 0", "R/2026-01-31T02:30:00/P1D", "R/2026-01-01T00:00:00/PT7H", "R/2026-01-31T01:15:00/P1M", "R/2026-01-01T23:30:00/P1DT12H"}
	rapid.Check(t, func(r *rapid.T) {
		s, err := Parse(rapid.SampledFrom(texts).Draw(r, "schedule"), rapid.SampledFrom(zones).Draw(r, "zone"), time.Time{})
		if err != nil {
			r.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 366*24*60).Draw(r, "minute")) * time.Minute)
		first, ok := s.After(from)
		if !ok || !first.After(from) {
			r.Fatalf("after %v: got %v, %v", from, first, ok)
		}
		between := from.Add(time.Duration(rapid.Int64Range(0, int64(first.Sub(from))-1).Draw(r, "into")))
		if again, _ := s.After(between); !again.Equal(first) {
			r.Fatalf("after %v: got %v, after %v %v, want the same", from, first, between, again)
		}
		if next, ok := s.After(first); !ok || !next.After(first) {
			r.Fatalf("after %v: got %v, %v", first, next, ok)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"R/2026-01-01T00:00:00Z/P1D", "R5//PT1M", "*/5 * * * *", "@daily", "R/2026-01-01T00+01/P1Y1M1W1DT1H1M1.5S"} {
		f.Add(s, "Europe/Berlin")
	}
	f.Fuzz(func(t *testing.T, text, zone string) {
		s, err := Parse(text, zone, time.Unix(1e9, 0))
		if err != nil {
			return
		}
		if next, ok := s.After(time.Unix(1.7e9, 0)); ok && !next.After(time.Unix(1.7e9, 0)) {
			t.Errorf("%q: the slot %v is not after what was asked", text, next)
		}
		if _, err := Parse(s.String(), zone, time.Unix(2e9, 0)); err != nil {
			t.Errorf("%q says %q: %v", text, s, err)
		}
	})
}
