package ids

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		id   string
		want string // part of the error; "" = valid
	}{
		{"web.1", ""},
		{"3a0fa23f-2471-4638-b79c-b807b0adc7c3-0000", ""},
		{"with space", ""},
		{"ünïcode", ""},
		{strings.Repeat("x", MaxLength), ""},
		{"", "must not be empty"},
		{".", "directory name"},
		{"..", "directory name"},
		{"../x", "slashes"},
		{"a/b", "slashes"},
		{"a\x00b", "control"},
		{"a\nb", "control"},
		{"\xff", "UTF-8"},
		{strings.Repeat("x", 10<<10), "10240 bytes"},
	} {
		err := Check("task_id", c.id)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("Check(%.20q) = %v, want valid", c.id, err)
		case c.want != "" && err == nil:
			t.Errorf("Check(%.20q) accepted, want error with %q", c.id, c.want)
		case c.want != "" && (!strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "task_id")):
			t.Errorf("Check(%.20q) = %q, want it to name task_id and %q", c.id, err, c.want)
		}
	}
}
