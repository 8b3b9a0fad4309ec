package boot

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHook(t *testing.T) {
	dir := t.TempDir()
	sh := func(line string, seconds int) error {
		return Hook{Path: "/bin/sh", Argv: []string{"sh", "-c", line}, Env: []string{"PATH=/usr/bin:/bin", "AT=" + dir}, Seconds: seconds}.run(`{"id":"c"}`)
	}
	if err := sh(`cat >$AT/state; env >$AT/env; exec <&-; echo said`, 60); err != nil {
		t.Fatalf("one that ends well: got %v", err)
	}
	for file, want := range map[string]string{"state": fmt.Sprintf(`{"id":"c","pid":%d}`, os.Getpid()), "env": "AT=" + dir + "\n"} {
		if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.Contains(string(text), want) || strings.Contains(string(text), "HOME=") {
			t.Errorf("%s: got %q, %v, want %s", file, text, err, want)
		}
	}
	for line, want := range map[string]string{
		"echo out; echo its words >&2; exit 3": "hook /bin/sh: exit status 3: out\nits words",
		"kill -9 $$":                           "hook /bin/sh: killed by killed",
	} {
		if err := sh(line, 0); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", line, err, want)
		}
	}
	if err := sh("sleep 600 & wait", 1); err == nil || !strings.Contains(err.Error(), "killed by killed (it may take 1 s)") {
		t.Errorf("one that takes too long: got %v", err)
	}
	if err := (Hook{Path: "/none/at/all"}).run("{}"); err == nil || err.Error() != "hook /none/at/all: no such file or directory" {
		t.Errorf("one that is not there: got %v", err)
	}
}

// TestHooks ends at the first that fails.
func TestHooks(t *testing.T) {
	at := filepath.Join(t.TempDir(), "second")
	l := &Launch{State: "{}", Hooks: []Hook{{Path: "/bin/false", Argv: []string{"false"}}, {Path: "/bin/sh", Argv: []string{"sh", "-c", "echo >" + at}}}}
	if err := hooks(l); err == nil || !strings.Contains(err.Error(), "hook /bin/false: exit status 1") {
		t.Errorf("got %v, want that the first has failed", err)
	}
	if _, err := os.Stat(at); err == nil {
		t.Error("the second was run")
	}
}
