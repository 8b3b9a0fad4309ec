package resources

import (
	"slices"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

func TestAttributes(t *testing.T) {
	for _, c := range []struct {
		text  string
		types []v1.Value_Type
		want  string
	}{
		{"rack:r1;speed:3.5;ports:[1-2]", []v1.Value_Type{v1.Value_TEXT, scalarType, rangesType}, "rack:r1;speed:3.5;ports:[1-2]"},
		{"os: Some Thing \n zone:a:b;zone:c;", []v1.Value_Type{v1.Value_TEXT, v1.Value_TEXT, v1.Value_TEXT}, "os:SomeThing;zone:a:b;zone:c"},
		{"a:-5;b:nan;c:1e3;d:0x10;e:3.14159", []v1.Value_Type{v1.Value_TEXT, v1.Value_TEXT, scalarType, v1.Value_TEXT, scalarType}, "a:-5;b:nan;c:1000;d:0x10;e:3.14159"},
		{"", nil, ""},
	} {
		as, err := ParseAttributes(c.text)
		if err != nil {
			t.Errorf("ParseAttributes(%q): %v", c.text, err)
			continue
		}
		var types []v1.Value_Type
		for _, a := range as {
			types = append(types, a.GetType())
		}
		if got := AttributesString(as); got != c.want || !slices.Equal(types, c.types) {
			t.Errorf("ParseAttributes(%q) = %q of types %v, want %q of %v", c.text, got, types, c.want, c.types)
		}
	}
}

func TestAttributeErrors(t *testing.T) {
	for text, want := range map[string]string{
		"rack":          `attributes[0] "rack" must be name:value`,
		"a:1;:x":        `attributes[1] ":x" must be name:value`,
		"a:":            `attributes[0] "a": value must not be empty`,
		"a:{x,y}":       `attributes[0] "a": value "{x,y}" must not be a set`,
		"a:x[1]":        `must have brackets only around all of it`,
		"a:[1-2":        `must end with its only ]`,
		"a:[1-2]b[3]":   `must end with its only ]`,
		"rack:r1;a:[]]": `must end with its only ]`,
	} {
		if as, err := ParseAttributes(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseAttributes(%q) = %v, %v, want error with %s", text, as, err, want)
		}
	}
}

func TestSummarizeAttributes(t *testing.T) {
	as, err := ParseAttributes("rack:r1;speed:3.5;ports:[1-2,4-4]")
	if err != nil {
		t.Fatal(err)
	}
	want := []SummaryField{{"rack", "r1"}, {"speed", 3.5}, {"ports", "[1-2, 4-4]"}}
	if got := SummarizeAttributes(as); !slices.Equal(got, want) {
		t.Errorf("SummarizeAttributes = %v, want %v", got, want)
	}
}
