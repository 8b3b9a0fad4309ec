package schedule

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Period is the length of an interval: a part on the calendar, and one of exact time behind it.
type Period struct {
	Months int // years are twelve
	Days   int // weeks are seven
	Exact  time.Duration
}

// units of a period, in the order in which they may stand.
var dateUnits, timeUnits = "YMWD", "HMS"

// ParsePeriod reads an ISO 8601 duration like P1Y2M3DT4H5M6.5S or P2W.
func ParsePeriod(text string) (Period, error) {
	bad := func(why string) (Period, error) {
		return Period{}, fmt.Errorf("period %q: %s: write it like PT15M, P1D or P1DT12H", text, why)
	}
	rest, ok := strings.CutPrefix(strings.ToUpper(text), "P")
	if !ok {
		return bad("it does not begin with P")
	}
	date, clock, hasTime := strings.Cut(rest, "T")
	if date == "" && clock == "" || hasTime && clock == "" {
		return bad("nothing stands behind its letters")
	}
	var p Period
	if err := fields(date, dateUnits, p.addDate()); err != nil {
		return bad(err.Error())
	}
	if err := fields(clock, timeUnits, p.addTime()); err != nil {
		return bad(err.Error())
	}
	return p, nil
}

// fields gives each number with its unit to add. Units must stand in their order.
func fields(text, units string, add func(unit byte, number string) error) error {
	for next := 0; text != ""; {
		n := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if n <= 0 {
			return fmt.Errorf("%q is no number with a unit", text)
		}
		i := strings.IndexByte(units[next:], text[n])
		if i < 0 {
			return fmt.Errorf("the unit %q does not belong there", text[n])
		}
		next += i + 1
		if err := add(text[n], text[:n]); err != nil {
			return err
		}
		text = text[n+1:]
	}
	return nil
}

// most bounds a number of a period: a schedule beyond ten thousand years helps nobody.
const most = 4_000_000

func (p *Period) addDate() func(byte, string) error {
	return func(unit byte, number string) error {
		n, err := strconv.Atoi(number)
		if err != nil || n > most {
			return fmt.Errorf("%s is no whole number up to %d", number, most)
		}
		switch unit {
		case 'Y':
			p.Months += 12 * n
		case 'M':
			p.Months += n
		case 'W':
			p.Days += 7 * n
		case 'D':
			p.Days += n
		}
		return nil
	}
}

func (p *Period) addTime() func(byte, string) error {
	unitOf := map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	return func(unit byte, number string) error {
		f, err := strconv.ParseFloat(number, 64)
		if err != nil || unit != 'S' && f != math.Trunc(f) {
			return fmt.Errorf("%s is no number, or not a whole one", number)
		}
		d := f * float64(unitOf[unit])
		if d > float64(100*365*24*time.Hour) {
			return errors.New("it is longer than a hundred years")
		}
		p.Exact += time.Duration(math.Round(d))
		return nil
	}
}

// IsZero says that the period has no length.
func (p Period) IsZero() bool { return p == Period{} }

// Length is how long the period is, about: a month has thirty days.
func (p Period) Length() time.Duration {
	days := float64(p.Months)*30 + float64(p.Days)
	if days > 100*365 {
		return 100 * 365 * 24 * time.Hour
	}
	return time.Duration(days*float64(24*time.Hour)) + p.Exact
}

// String is the period as ISO 8601 writes it.
func (p Period) String() string {
	if p.IsZero() {
		return "PT0S"
	}
	var b strings.Builder
	b.WriteByte('P')
	put := func(n int, unit byte) {
		if n > 0 {
			b.WriteString(strconv.Itoa(n))
			b.WriteByte(unit)
		}
	}
	put(p.Months/12, 'Y')
	put(p.Months%12, 'M')
	put(p.Days, 'D')
	if p.Exact == 0 {
		return b.String()
	}
	b.WriteByte('T')
	put(int(p.Exact/time.Hour), 'H')
	put(int(p.Exact%time.Hour/time.Minute), 'M')
	if s := p.Exact % time.Minute; s > 0 {
		b.WriteString(strconv.FormatFloat(s.Seconds(), 'f', -1, 64))
		b.WriteByte('S')
	}
	return b.String()
}
