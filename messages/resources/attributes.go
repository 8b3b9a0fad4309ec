package resources

import (
	"fmt"
	"strconv"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// ParseAttributes reads the value of --attributes, such as
//
//	rack:r1;speed:3.5;ports:[1-2]
//
// in the order given; a name may occur more than once. Types are guessed as
// Mesos does: ranges in brackets, numbers, otherwise text, from which spaces are
// removed. Attributes have no sets.
func ParseAttributes(text string) ([]*v1.Attribute, error) {
	var out []*v1.Attribute
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ';' || c == '\n' }) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		a, err := parseAttribute(part)
		if err != nil {
			return nil, fmt.Errorf("attributes[%d] %w", len(out), err)
		}
		out = append(out, a)
	}
	return out, nil
}

func parseAttribute(text string) (*v1.Attribute, error) {
	name, rest, found := strings.Cut(text, ":")
	name = strings.TrimSpace(name)
	if !found || name == "" {
		return nil, fmt.Errorf("%.60q must be name:value", text)
	}
	v, err := parseValue(rest)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	a := &v1.Attribute{Name: &name, Type: v.typ.Enum()}
	switch v.typ {
	case scalarType:
		a.Scalar = &v1.Value_Scalar{Value: &v.scalar}
	case rangesType:
		a.Ranges = rangesMessage(v.ranges)
	case v1.Value_TEXT:
		a.Text = &v1.Value_Text{Value: &v.text}
	default:
		return nil, fmt.Errorf("%q: value %.60q must not be a set: attributes are numbers, ranges or text", name, strings.TrimSpace(rest))
	}
	return a, nil
}

// AttributesString prints attributes as [ParseAttributes] reads them.
func AttributesString(as []*v1.Attribute) string {
	var b []byte
	for i, a := range as {
		if i > 0 {
			b = append(b, ';')
		}
		b = append(append(b, a.GetName()...), ':')
		switch v := attributeValue(a).(type) {
		case float64:
			b = strconv.AppendFloat(b, v, 'f', -1, 64)
		case string:
			b = append(b, v...)
		}
	}
	return string(b)
}

// SummarizeAttributes returns as as /state shows them: numbers as numbers, all
// else as text, in the order given.
func SummarizeAttributes(as []*v1.Attribute) []SummaryField {
	out := make([]SummaryField, len(as))
	for i, a := range as {
		out[i] = SummaryField{a.GetName(), attributeValue(a)}
	}
	return out
}

// attributeValue returns a float64 or a string.
func attributeValue(a *v1.Attribute) any {
	switch a.GetType() {
	case scalarType:
		return a.GetScalar().GetValue()
	case rangesType:
		return string(appendRanges(nil, rangesFrom(a.GetRanges())))
	case setType:
		return string(appendItems(nil, a.GetSet().GetItem()))
	}
	return a.GetText().GetValue()
}
