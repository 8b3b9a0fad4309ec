package job

import (
	"errors"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestDefaults(t *testing.T) {
	d := Defaults{CPUs: 0.1, Mem: 128, Disk: 256, Epsilon: 90 * time.Second, User: "nobody"}
	j, err := Decode([]byte(`{"name":"a","command":"true","mem":"64","disabled":"true","retries":null,"uris":["x","y"]}`), d, now)
	if err != nil {
		t.Fatal(err)
	}
	if j.CPUs != 0.1 || j.Mem != 64 || j.Disk != 256 || j.Epsilon != "PT1M30S" || j.Late() != 90*time.Second || j.RunAsUser != "nobody" || !j.Shell || !j.Disabled || j.Retries != Retries {
		t.Errorf("got %+v", j)
	}
	if j.Schedule != "R1/2026-01-01T12:00:00.000Z/P1D" && j.Schedule != "R1/2026-01-01T12:00:00.000Z/PT24H" {
		t.Errorf("a job that does not say when: got %s, want it to run once, now", j.Schedule)
	}
	if len(j.Fetch) != 2 || j.Fetch[1].URI != "y" || j.URIs != nil {
		t.Errorf("uris: got %v, %v, want them as fetch", j.Fetch, j.URIs)
	}
}

func TestUnsupportedIsToldApart(t *testing.T) {
	for body, unsupported := range map[string]bool{
		`{"name":"a","command":"true","what":1}`:                           true,
		`{"name":"a","command":"true","container":{"image":"x","what":1}}`: true,
		`{"name":"a"}`: false,
		`{"name":"a","command":"true","retries":-1}`: false,
		`{"name":"a","command":{}}`:                  false,
	} {
		_, err := Decode([]byte(body), Defaults{CPUs: 1, Mem: 1}, now)
		var invalid *Invalid
		if err == nil || errors.As(err, &invalid) && invalid.Unsupported != unsupported {
			t.Errorf("%s: got %v, want one that is unsupported: %v", body, err, unsupported)
		}
	}
}

func TestGraphText(t *testing.T) {
	g := Graph{"a": nil, "b": {"a"}, "c": {"a", "b"}}
	if got := strings.Join(g.Children("a"), " "); got != "b c" {
		t.Errorf("children of a: got %s", got)
	}
	if err := g.Check("d", []string{"c"}); err != nil {
		t.Errorf("a new job: got %v", err)
	}
	if err := g.Check("a", []string{"c"}); err == nil {
		t.Error("a cycle: got no error")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"name":"a","command":"true","schedule":"R/2026-01-01T00:00:00Z/P1D","cpus":"1","container":{"image":"x"}}`)
	f.Add(`{"name":"a","parents":["b"],"constraints":[["a","LIKE","x"]]}`)
	f.Fuzz(func(t *testing.T, body string) {
		j, err := Decode([]byte(body), Defaults{CPUs: 1, Mem: 1, Epsilon: time.Minute}, now)
		if err != nil {
			return
		}
		if len(j.Parents) == 0 {
			if _, err := j.When(); err != nil {
				t.Errorf("%s: the schedule %q was accepted and cannot be read: %v", body, j.Schedule, err)
			}
		}
	})
}
