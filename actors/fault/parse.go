package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parse reads rules, one a line: an action, for a delay its time, and then in any order
//
//	from=PATTERN to=PATTERN message=PATTERN direction=in|out|both
//	skip=N count=N probability=0…1 jitter=TIME    (times as Go writes them: 250ms, 3s, 2m)
//	a=ADDRESS,… b=ADDRESS,… oneway                (partition)
//	inorder                                       (delay)
//	hangup                                        (partition)
//	of=sender|receiver after restart=TIME wipe    (crash)
//
// Empty lines are skipped, and what follows a # . Errors name the line and the word.
func Parse(text string) ([]Rule, error) {
	var rules []Rule
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		r, err := parseRule(words)
		if err != nil {
			return nil, fmt.Errorf("fault rules, line %d: %w", number, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseRule(words []string) (Rule, error) {
	action := slices.Index(actionNames, words[0])
	if action < 0 {
		return Rule{}, fmt.Errorf("%q is no action: use %s", words[0], strings.Join(actionNames, ", "))
	}
	r := Rule{Action: Action(action)}
	words = words[1:]
	if r.Action == Delay && len(words) > 0 && !strings.Contains(words[0], "=") {
		d, err := span(words[0])
		if err != nil {
			return r, fmt.Errorf("delay: %w", err)
		}
		r.Wait, words = d, words[1:]
	}
	for _, w := range words {
		if err := r.set(w); err != nil {
			return r, err
		}
	}
	return r, r.Check()
}

func (r *Rule) set(word string) (err error) {
	for name, set := range r.switches() {
		if word == name {
			*set = true
			return nil
		}
	}
	key, value, given := strings.Cut(word, "=")
	if !given {
		return fmt.Errorf("%q: write it as key=value", word)
	}
	switch key {
	case "from":
		r.From = value
	case "to":
		r.To = value
	case "message":
		r.Message = value
	case "a":
		r.A = strings.Split(value, ",")
	case "b":
		r.B = strings.Split(value, ",")
	case "of":
		i := slices.Index(sideNames, value)
		if i <= 0 {
			return fmt.Errorf("of: %q is not one of sender, receiver", value)
		}
		r.Of = Side(i)
	case "restart":
		r.Restart, err = span(value)
	case "direction":
		i := slices.Index(directionNames, value)
		if i < 0 {
			return fmt.Errorf("direction: %q is not one of %s", value, strings.Join(directionNames, ", "))
		}
		r.Direction = Direction(i)
	case "skip":
		r.Skip, err = whole(value)
	case "count":
		r.Count, err = whole(value)
	case "probability":
		r.Probability, err = share(value)
	case "jitter":
		r.Jitter, err = span(value)
	default:
		return fmt.Errorf("%q is no key: use from, to, message, direction, skip, count, probability, jitter, a, b, of, restart", key)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}

func whole(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number: write one like 3", value)
	}
	return n, nil
}

func share(value string) (float64, error) {
	p, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no number: write one above 0 and up to 1, like 0.25", value)
	case p == 0:
		return 0, errors.New("0 is never: leave the rule out")
	}
	return p, nil
}

func span(value string) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	if err != nil {
		return 0, fmt.Errorf("%q is no time: write 250ms, 3s or 2m", value)
	}
	return d, nil
}
