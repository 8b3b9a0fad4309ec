package rights

import (
	"strings"
	"testing"
)

func TestParseCapabilities(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"capabilities": ["NET_RAW", "KILL"]}`, "[NET_RAW KILL]"},
		{`{"capabilities": []}`, "[]"},
		{`{"capabilities": ["NET_RAW", "FOO"]}`, `!capability "FOO": want some of CHOWN, DAC_OVERRIDE,`},
		{`{"capabilities": [7]}`, `!capability "7": want some of`},
		{`NET_RAW`, "!want JSON as in"},
	} {
		got, err := ParseCapabilities(c.text)
		if wrong, is := strings.CutPrefix(c.want, "!"); is {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s: got %v, want an error with %q", c.text, err, wrong)
			}
			continue
		}
		var names []string
		for _, one := range got.GetCapabilities() {
			names = append(names, one.String())
		}
		if text := "[" + strings.Join(names, " ") + "]"; err != nil || text != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.text, text, err, c.want)
		}
	}
}
