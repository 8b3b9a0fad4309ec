package yaml

import (
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	type inner struct {
		Name string            `json:"name"`
		Tags []string          `json:"tags"`
		Map  map[string]string `json:"map"`
	}
	for _, tt := range []struct {
		name string
		v    any
		want string
	}{
		{"text", "web", "web\n"},
		{"number", 1.5, "1.5\n"},
		{"null", nil, "null\n"},
		{"empty list", []string{}, "[]\n"},
		{"empty object", struct{}{}, "{}\n"},
		{"texts that look like something else", []string{"true", "NO", "12", "1e3", "", "- a", "a: b", "a #b", "a\nb", "*", "~", "10.0.0.1:5051", "<&>", "2026-01-02"},
			"- \"true\"\n- \"NO\"\n- \"12\"\n- \"1e3\"\n- \"\"\n- \"- a\"\n- \"a: b\"\n- \"a #b\"\n- \"a\\nb\"\n- \"*\"\n- \"~\"\n- \"10.0.0.1:5051\"\n- \"<&>\"\n- \"2026-01-02\"\n"},
		{"objects in a list", []inner{{"a", []string{"x", "y"}, map[string]string{"k": "v"}}, {"b", nil, map[string]string{}}},
			"- name: a\n  tags:\n  - x\n  - \"y\"\n  map:\n    k: v\n- name: b\n  tags: null\n  map: {}\n"},
		{"lists in lists", [][]int{{1, 2}, {3}, {}}, "- - 1\n  - 2\n- - 3\n- []\n"},
		{"object", map[string]any{"o": inner{Name: "a b"}}, "o:\n  name: a b\n  tags: null\n  map: null\n"},
		{"list of objects below a key", map[string]any{"l": []map[string]int{{"a": 1, "b": 2}}}, "l:\n- a: 1\n  b: 2\n"},
	} {
		var out strings.Builder
		if err := Write(&out, tt.v); err != nil || out.String() != tt.want {
			t.Errorf("%s: got %v\n%swant\n%s", tt.name, err, out.String(), tt.want)
		}
	}
	if err := Write(&strings.Builder{}, func() {}); err == nil {
		t.Error("a function: got no error, want one")
	}
}
