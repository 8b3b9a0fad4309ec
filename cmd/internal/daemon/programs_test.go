package daemon

import (
	"testing"

	"mesos/messages/resources"
)

func TestPortRange(t *testing.T) {
	for _, c := range []struct {
		text string
		want resources.Range
		ok   bool
	}{
		{"[31000-32000]", resources.Range{Begin: 31000, End: 32000}, true},
		{"0-65535", resources.Range{Begin: 0, End: 65535}, true},
		{"80-80", resources.Range{Begin: 80, End: 80}, true},
		{"80", resources.Range{}, false},
		{"[90-80]", resources.Range{}, false},
		{"[1-65536]", resources.Range{}, false},
		{"a-b", resources.Range{}, false},
	} {
		if got, err := portRange(c.text); got != c.want || (err == nil) != c.ok {
			t.Errorf("%q: got %v, %v, want %v", c.text, got, err, c.want)
		}
	}
}
