package resources

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// value is what stands behind the colon in the text form of resources and
// attributes.
type value struct {
	typ    v1.Value_Type
	scalar float64
	ranges []Range
	items  []string
	text   string
}

// parseValue guesses the type as Mesos does: "[…" are ranges, "{…" is a set, a
// number that is finite and not negative is a scalar, the rest is text. Spaces
// do not count, even inside text.
func parseValue(s string) (value, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, " ", ""))
	switch {
	case s == "":
		return value{}, fmt.Errorf("value must not be empty")
	case s[0] == '[':
		ranges, err := parseRanges(s)
		return value{typ: rangesType, ranges: ranges}, err
	case s[0] == '{':
		items, err := parseItems(s)
		return value{typ: setType, items: items}, err
	case strings.ContainsAny(s, "[]{}"):
		return value{}, fmt.Errorf("value %.60q must have brackets only around all of it", s)
	}
	if f, ok := parseNumber(s); ok {
		return value{typ: scalarType, scalar: f}, nil
	}
	return value{typ: v1.Value_TEXT, text: s}, nil
}

// parseNumber accepts decimal numbers only: "0x1p4", "inf" and "-1" are text.
func parseNumber(s string) (float64, bool) {
	if strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f < 0 || math.Signbit(f) {
		return 0, false
	}
	return f, true
}

// inBrackets returns the parts between commas of a bracketed list.
func inBrackets(s string, end string) ([]string, error) {
	inner, ok := strings.CutSuffix(s[1:], end)
	if !ok || strings.ContainsAny(inner, "[]{}") {
		return nil, fmt.Errorf("value %.60q must end with its only %s", s, end)
	}
	var parts []string
	for part := range strings.SplitSeq(inner, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts, nil
}

// parseRanges reads "[1-2,5-9]". Ranges may overlap.
func parseRanges(s string) ([]Range, error) {
	parts, err := inBrackets(s, "]")
	if err != nil {
		return nil, err
	}
	var rs []Range
	for _, part := range parts {
		a, b, _ := strings.Cut(part, "-")
		begin, err1 := strconv.ParseUint(strings.TrimSpace(a), 10, 64)
		end, err2 := strconv.ParseUint(strings.TrimSpace(b), 10, 64)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("range %.60q must be two whole numbers, such as 31000-32000", part)
		}
		if begin > end {
			return nil, fmt.Errorf("range %.60q must not begin after its end", part)
		}
		rs = append(rs, Range{begin, end})
	}
	return coalesce(rs), nil
}

// parseItems reads "{a,b}".
func parseItems(s string) ([]string, error) {
	items, err := inBrackets(s, "}")
	if err != nil {
		return nil, err
	}
	slices.Sort(items)
	for i := 1; i < len(items); i++ {
		if items[i] == items[i-1] {
			return nil, fmt.Errorf("item %.60q must not occur twice", items[i])
		}
	}
	return items, nil
}
