package cgroup

import "testing"

func TestParsePressure(t *testing.T) {
	p, err := ParsePressure("some avg10=97.84 avg60=90.99 avg300=50.39 total=18353740492\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=250000\n")
	if want := (Pressure{18353.740492, 0.25}); err != nil || p != want {
		t.Errorf("got %v, %v, want %v", p, err, want)
	}
	if p, err := ParsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000"); err != nil || p.Some != 1 {
		t.Errorf("one line: got %v, %v, want 1 s", p, err)
	}
	for _, bad := range []string{"some", "some avg10=x avg60=0 avg300=0 total=1", "some total=1"} {
		if _, err := ParsePressure(bad); err == nil {
			t.Errorf("%q: got no error", bad)
		}
	}
}
