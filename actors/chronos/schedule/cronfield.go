package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cronField is what may stand in one field of a line.
type cronField struct {
	name        string
	first, last int
	names       []string // of first and what follows
}

var cronFields = []cronField{
	{"minute", 0, 59, nil},
	{"hour", 0, 23, nil},
	{"day of the month", 1, 31, nil},
	{"month", 1, 12, []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{"day of the week", 0, 7, []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// parse makes a set of a comma list of *, n, a-b, */n, a-b/n and a/n.
func (f cronField) parse(text string) (set uint64, err error) {
	for _, part := range strings.Split(text, ",") {
		span, step, stepped := strings.Cut(part, "/")
		every := 1
		if stepped {
			if every, err = strconv.Atoi(step); err != nil || every < 1 || every > f.last {
				return 0, fmt.Errorf("%s %q: the step %q is no number from 1 to %d", f.name, text, step, f.last)
			}
		}
		first, last, err := f.span(span, stepped)
		if err != nil {
			return 0, fmt.Errorf("%s %q: %w", f.name, text, err)
		}
		for n := first; n <= last; n += every {
			set |= 1 << n
		}
	}
	return set, nil
}

// span reads *, n or a-b. With a step n means all from n on.
func (f cronField) span(text string, stepped bool) (first, last int, err error) {
	if text == "*" {
		return f.first, f.last, nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if first, err = f.value(from); err != nil {
		return 0, 0, err
	}
	switch {
	case isRange:
		if last, err = f.value(to); err != nil {
			return 0, 0, err
		}
		if last < first {
			return 0, 0, fmt.Errorf("%s ends before it begins", text)
		}
		return first, last, nil
	case stepped:
		return first, f.last, nil
	}
	return first, first, nil
}

func (f cronField) value(text string) (int, error) {
	if i := slices.Index(f.names, strings.ToLower(text)); i >= 0 {
		return f.first + i, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < f.first || n > f.last {
		return 0, fmt.Errorf("%q is not from %d to %d", text, f.first, f.last)
	}
	return n, nil
}
