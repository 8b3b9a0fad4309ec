package draining

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func TestPeriod(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  time.Duration
		fails string
	}{
		{"10secs", 10 * time.Second, ""}, {"0ns", 0, ""}, {"1hrs", time.Hour, ""},
		{"10", 0, Label}, {"", 0, Label}, {"61mins", 0, "between 0secs and 1hrs"}, {"-1secs", 0, Label},
	} {
		got, err := Period(&v1.Labels{Labels: []*v1.Label{{Key: proto.String("x"), Value: proto.String("y")}, {Key: proto.String(Label), Value: &tt.value}}})
		if got != tt.want || (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%q: got %v, %v, want %v, an error with %q", tt.value, got, err, tt.want, tt.fails)
		}
	}
	if got, err := Period(nil); got != 0 || err != nil {
		t.Errorf("no labels: got %v, %v", got, err)
	}
}
