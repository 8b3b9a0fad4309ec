package schedule

import (
	"fmt"
	"strings"
	"time"
)

// cron is a line of five fields: minute, hour, day of the month, month, day of the week. A bit of a set is a value.
type cron struct {
	text                             string
	zone                             *time.Location
	minutes, hours, days, months, wd uint64
	anyDay, anyWeekday               bool // a field that begins with *: only the other one counts
	everyHour                        bool
}

// shorthands are the names of common lines.
var shorthands = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

func parseCron(text, zoneName string) (*cron, error) {
	zone, err := Zone(zoneName)
	if err != nil {
		return nil, err
	}
	line := text
	if strings.HasPrefix(text, "@") {
		if line = shorthands[strings.ToLower(text)]; line == "" {
			return nil, fmt.Errorf("schedule %q is not known: there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually", text)
		}
	}
	fields := strings.Fields(line)
	if len(fields) != len(cronFields) {
		return nil, fmt.Errorf("schedule %q has %d fields, a line of cron has five: minute, hour, day of the month, month, day of the week", text, len(fields))
	}
	c := &cron{text: strings.Join(strings.Fields(text), " "), zone: zone}
	for i, set := range []*uint64{&c.minutes, &c.hours, &c.days, &c.months, &c.wd} {
		if *set, err = cronFields[i].parse(fields[i]); err != nil {
			return nil, fmt.Errorf("schedule %q: %w", text, err)
		}
	}
	if c.wd&(1<<7) != 0 {
		c.wd |= 1 // Sunday is 0 and 7
	}
	c.everyHour, c.anyDay, c.anyWeekday = strings.HasPrefix(fields[1], "*"), strings.HasPrefix(fields[2], "*"), strings.HasPrefix(fields[4], "*")
	if _, ok := c.After(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); !ok {
		return nil, fmt.Errorf("schedule %q is never due: no such day exists", text)
	}
	return c, nil
}

// String is the line.
func (c *cron) String() string { return c.text }

// horizon is how far After looks: a February 29 may be eight years away, and its weekday 40.
const horizon = 41 * 366

// After is the first slot after t.
func (c *cron) After(t time.Time) (time.Time, bool) {
	today := wallOf(t, c.zone)
	// A reading of yesterday may be due today, if the clock jumped over midnight.
	day := wallAt(today.Year(), today.Month(), today.Day()-1, 0, 0, 0, 0)
	for range horizon {
		if c.on(day) {
			if at, ok := c.onDay(day, t); ok {
				return at.UTC(), true
			}
		}
		day = wall{day.AddDate(0, 0, 1)}
	}
	return time.Time{}, false
}

// on says whether the line is due on a day.
func (c *cron) on(day wall) bool {
	if c.months&(1<<day.Month()) == 0 {
		return false
	}
	inMonth, inWeek := c.days&(1<<day.Day()) != 0, c.wd&(1<<day.Weekday()) != 0
	if c.anyDay || c.anyWeekday {
		return inMonth && inWeek
	}
	return inMonth || inWeek
}

// onDay is the earliest slot of a day that is after t.
func (c *cron) onDay(day wall, t time.Time) (earliest time.Time, found bool) {
	offset, steady := steadyOn(day, c.zone)
	for hour := range 24 {
		if c.hours&(1<<hour) == 0 {
			continue
		}
		for minute := range 60 {
			if c.minutes&(1<<minute) == 0 {
				continue
			}
			reading := wall{day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)}
			if steady {
				if at := reading.at(offset); at.After(t) {
					return at, true
				}
				continue
			}
			// The order of the readings is not that of the slots where the clock is set.
			for _, at := range c.slots(reading) {
				if at.After(t) && (!found || at.Before(earliest)) {
					earliest, found = at, true
				}
			}
		}
	}
	return earliest, found
}

// steadyOn says that the clock is not set on a day or beside it, and how many seconds it is ahead of UTC.
func steadyOn(day wall, zone *time.Location) (offset int, steady bool) {
	_, before := day.Add(-24 * time.Hour).In(zone).Zone()
	_, after := day.Add(48 * time.Hour).In(zone).Zone()
	return before, before == after
}

// slots are the instants at which the line is due by a reading of the clock.
func (c *cron) slots(reading wall) []time.Time {
	first, second, exists := reading.in(c.zone)
	switch {
	case !c.everyHour:
		return []time.Time{first}
	case exists:
		return []time.Time{first, second}
	}
	return nil
}
