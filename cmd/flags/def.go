package flags

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mesos/messages/units"
)

// Kind is what the text of a flag means.
type Kind uint8

// The kinds of flags, with the Go type that the Set's getters return.
const (
	String   Kind = iota // string
	Bool                 // bool: --name, --no-name, --name=true, --name=false
	Int                  // int, not negative
	Port                 // int from 0 to 65535
	Float                // float64, not negative
	Duration             // time.Duration, like 15secs
	Bytes                // units.Bytes, like 2GB
	Percent              // float64 from 0 to 1, like 40%
	Rate                 // units.Rate, like 1/20mins
	File                 // string: a path, with or without file:// before it; the content is not read
)

// Def describes one flag.
type Def struct {
	Name        string
	Kind        Kind
	Default     string   // as a user would write it; empty for none
	DefaultText string   // tells in the help what happens without a value, when Default is empty
	Alias       string   // an older name, accepted with a warning
	OneOf       []string // the only values allowed, if any
	Required    bool     // there must be a value
	Unsupported bool     // known, but the program does not act on it
	Instead     string   // of an unsupported one: what to write for it; empty: nothing
	Extra       bool     // only some builds of Mesos have it: not told in /flags while it is unsupported
	Usage       string   // one line for the help
}

// parse reads text and returns its value, and the text in the one form in which it is compared and shown.
func (d *Def) parse(text string) (value any, canonical string, err error) {
	if len(d.OneOf) > 0 && !slices.Contains(d.OneOf, text) {
		return nil, "", fmt.Errorf("%s is not one of %s", quote(text), strings.Join(d.OneOf, ", "))
	}
	switch d.Kind {
	case String, File:
		return text, text, nil
	case Bool:
		b, err := parseBool(text)
		return b, strconv.FormatBool(b), err
	case Int:
		n, err := parseInt(text, "a whole number that is not negative", 1<<62)
		return n, strconv.Itoa(n), err
	case Port:
		n, err := parseInt(text, "a port from 0 to 65535", 65535)
		return n, strconv.Itoa(n), err
	case Float:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || !(f >= 0 && f <= 1e300) {
			return nil, "", fmt.Errorf("%s is not a number that is not negative", quote(text))
		}
		return f, strconv.FormatFloat(f, 'f', -1, 64), nil
	case Duration:
		v, err := units.ParseDuration(text)
		return v, units.FormatDuration(v), err
	case Bytes:
		v, err := units.ParseBytes(text)
		return v, v.String(), err
	case Percent:
		v, err := units.ParsePercent(text)
		return v, text, err
	case Rate:
		v, err := units.ParseRate(text)
		return v, v.String(), err
	}
	return nil, "", fmt.Errorf("unknown kind %d", d.Kind)
}

func parseBool(text string) (bool, error) {
	switch text {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, fmt.Errorf("%s is neither true nor false", quote(text))
}

func parseInt(text, want string, limit int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > limit {
		return 0, errors.New(quote(text) + " is not " + want)
	}
	return n, nil
}

// quote shows what a user wrote, cut short: a whole file may have been given.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strconv.Quote(text)
}
