package job

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		args  []string
		shell bool
		argv  []string
	}{
		{[]string{"true"}, false, []string{"true"}},
		{[]string{"/bin/true"}, false, []string{"/bin/true"}},
		{[]string{"sh", "-c", "echo hello; exit 3"}, false, []string{"sh", "-c", "echo hello; exit 3"}},
		{[]string{"echo", "$HOME", ""}, false, []string{"echo", "$HOME", ""}},
		{[]string{"echo hello; exit 3"}, true, nil},
		{[]string{"echo|wc"}, true, nil},
		{[]string{"$SHELL"}, true, nil},
	} {
		c := (&Options{Args: tt.args}).Command()
		if c.GetShell() != tt.shell || c.GetValue() != tt.args[0] || !slices.Equal(c.GetArguments(), tt.argv) {
			t.Errorf("%q: got shell %v, value %q, arguments %q, want %v, %q, %q", tt.args, c.GetShell(), c.GetValue(), c.GetArguments(), tt.shell, tt.args[0], tt.argv)
		}
	}
}

func TestCommandSurroundings(t *testing.T) {
	c := (&Options{Args: []string{"x"}, Env: []string{"A=1,2=3", "B="}, URIs: []string{"http://h/f", "/abs", "rel"}}).Command()
	var env, uris []string
	for _, v := range c.GetEnvironment().GetVariables() {
		env = append(env, v.GetName()+"="+v.GetValue())
	}
	for _, u := range c.GetUris() {
		uris = append(uris, u.GetValue())
	}
	if want := []string{"A=1,2=3", "B="}; !slices.Equal(env, want) {
		t.Errorf("environment: got %q, want %q", env, want)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"http://h/f", "/abs", filepath.Join(here, "rel")}; !slices.Equal(uris, want) {
		t.Errorf("uris: got %q, want %q", uris, want)
	}
}

func TestNames(t *testing.T) {
	for _, tt := range []struct{ arg, name, id string }{
		{"/usr/bin/env", "env", "env"},
		{"echo a b", "echo", "echo"},
		{"grün/../größe", "größe", "gr--e"},
		{"...", "...", "task"},
	} {
		name := ProgramName([]string{tt.arg})
		if got := (&Options{Name: name}).idPrefix(); name != tt.name || got != tt.id {
			t.Errorf("%q: got name %q, id %q, want %q, %q", tt.arg, name, got, tt.name, tt.id)
		}
	}
}

func TestCheck(t *testing.T) {
	good := func() Options { return Options{Args: []string{"true"}, Instances: 1, CPUs: 0.1, MemMB: 32, Role: "*"} }
	if o := good(); o.check() != nil {
		t.Errorf("good options: got %v", o.check())
	}
	for name, spoil := range map[string]func(*Options){
		"no command":    func(o *Options) { o.Args = nil },
		"empty command": func(o *Options) { o.Args = []string{""} },
		"no instance":   func(o *Options) { o.Instances = 0 },
		"no cpus":       func(o *Options) { o.CPUs = 0 },
		"few cpus":      func(o *Options) { o.CPUs = 0.0001 },
		"NaN":           func(o *Options) { o.MemMB = math.NaN() },
		"negative disk": func(o *Options) { o.DiskMB = -1 },
		"role":          func(o *Options) { o.Role = "a/../b" },
		"timeout":       func(o *Options) { o.Timeout = -time.Second },
		"env":           func(o *Options) { o.Env = []string{"A"} },
		"env name":      func(o *Options) { o.Env = []string{"=1"} },
	} {
		o := good()
		spoil(&o)
		if o.check() == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if _, err := Run(t.Context(), nil, Options{}, nil); !errors.Is(err, ErrUsage) {
		t.Errorf("Run: got %v, want %v", err, ErrUsage)
	}
}
