package sandbox

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"
)

var run = Run{AgentID: "A-S0", FrameworkID: "F", ExecutorID: "e.1", ContainerID: "c"}

const home = "/var/lib/mesos"

func TestPaths(t *testing.T) {
	const base = home + "/slaves/A-S0/frameworks/F/executors/e.1/runs"
	tests := []struct {
		name string
		got  func() (string, error)
		want string
	}{
		{"run", func() (string, error) { return Path(home, run) }, base + "/c"},
		{"latest", func() (string, error) { return Latest(home, run) }, base + "/latest"},
		{"nested", func() (string, error) { return Nested(home, run, "n", "m") }, base + "/c/containers/n/containers/m"},
		{"task link", func() (string, error) { return TaskLink(home, run, "t") }, base + "/c/tasks/t"},
		{"framework", func() (string, error) { return Framework(home, "A-S0", "F") }, home + "/slaves/A-S0/frameworks/F"},
		{"standalone", func() (string, error) { return Standalone(home, "c") }, home + "/containers/c"},
		{"volume", func() (string, error) { return Volume(home, "a/b", "v1") }, home + "/volumes/roles/a b/v1"},
		{"volume of *", func() (string, error) { return Volume(home, "*", "v1") }, home + "/volumes/roles/*/v1"},
	}
	for _, tt := range tests {
		got, err := tt.got()
		if err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestVirtual(t *testing.T) {
	got, err := Virtual(home, run)
	want := []string{
		home + "/slaves/A-S0/frameworks/F/executors/e.1/runs/c",
		home + "/slaves/A-S0/frameworks/F/executors/e.1/runs/latest",
		"/frameworks/F/executors/e.1/runs/latest",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// badIDs with a word that the refusal must contain.
var badIDs = map[string]string{
	"":                        "must not be empty",
	".":                       "meaning of its own",
	"..":                      "meaning of its own",
	"a/b":                     "slashes",
	"../../etc":               "slashes",
	"/":                       "slashes",
	`a\b`:                     "slashes",
	"a\x00b":                  `\x00`,
	"a\nb":                    `\n`,
	"a\x7f":                   `\x7f`,
	"\xff":                    "UTF-8",
	strings.Repeat("x", 256):  "256 bytes",
	strings.Repeat("x", 10e3): "10000 bytes",
}

func TestBadIDsAreRefusedEverywhere(t *testing.T) {
	makers := map[string]func(id string) (string, error){
		"agent id":            func(id string) (string, error) { r := run; r.AgentID = id; return Path(home, r) },
		"framework id":        func(id string) (string, error) { r := run; r.FrameworkID = id; return Latest(home, r) },
		"executor id":         func(id string) (string, error) { r := run; r.ExecutorID = id; return Path(home, r) },
		"container id":        func(id string) (string, error) { r := run; r.ContainerID = id; return Path(home, r) },
		"nested container id": func(id string) (string, error) { return Nested(home, run, "ok", id) },
		"task id":             func(id string) (string, error) { return TaskLink(home, run, id) },
		"persistence id":      func(id string) (string, error) { return Volume(home, "a", id) },
	}
	for kind, make := range makers {
		for id, word := range badIDs {
			got, err := make(id)
			if !errors.Is(err, ErrID) || got != "" {
				t.Errorf("%s %.20q: got %q, %v, want ErrID", kind, id, got, err)
				continue
			}
			if !strings.Contains(err.Error(), kind) || !strings.Contains(err.Error(), word) {
				t.Errorf("%s %.20q: got message %q, want it to name %q and %q", kind, id, err, kind, word)
			}
			if len(err.Error()) > 1000 {
				t.Errorf("%s: got a message of %d bytes for an overlong id, want it cut", kind, len(err.Error()))
			}
		}
	}
}

func TestGoodIDs(t *testing.T) {
	for _, id := range []string{"a", "...", "a..b", "..a", "web.1", "ünïcode", "a b", strings.Repeat("x", 255)} {
		if err := CheckID("task id", id); err != nil {
			t.Errorf("%q: got %v, want it accepted", id, err)
		}
	}
}

func TestRoleWithSpaceWouldCollide(t *testing.T) {
	if _, err := Volume(home, "a b", "v"); !errors.Is(err, ErrID) {
		t.Errorf("got %v, want ErrID: role %q has the directory of role %q", err, "a b", "a/b")
	}
}

func TestParse(t *testing.T) {
	p, _ := Path(home, run)
	for _, in := range []string{p, p + "/", p + "/stdout", p + "/containers/n"} {
		if got, ok := Parse(home, in); !ok || got != run {
			t.Errorf("%s: got %v, %v, want %v", in, got, ok, run)
		}
	}
	for _, in := range []string{"", "/", home, path.Dir(p), "/other" + p, home + "/containers/c", home + "x" + strings.TrimPrefix(p, home)} {
		if got, ok := Parse(home, in); ok {
			t.Errorf("%s: got %v, want no run", in, got)
		}
	}
}

func FuzzPathStaysBelowWorkDir(f *testing.F) {
	f.Add("a", "b", "c", "d")
	f.Add("..", "a/../..", "\x00", "")
	f.Fuzz(func(t *testing.T, a, fw, e, c string) {
		r := Run{a, fw, e, c}
		p, err := Path(home, r)
		if err != nil {
			return
		}
		if got, ok := Parse(home, p); !ok || got != r {
			t.Errorf("got %v, %v back from %q, want %v", got, ok, p, r)
		}
	})
}
