package proctree

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// A process that is just executing another file has no environment to read for
// a moment. It must be found all the same.
func TestMarkedFindsWhatIsInExec(t *testing.T) {
	mark := "PROCTREE_TEST=" + t.TempDir()
	script := filepath.Join(t.TempDir(), "again")
	if err := os.WriteFile(script, []byte("exec /bin/sh "+script+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, pids := start(t, 1, "echo $$; exec /bin/sh "+script, mark)
	missed := 0
	const rounds = 300
	for range rounds {
		if !slices.Contains(Marked([]string{mark})[mark], pids[0]) {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("got process %d missed in %d of %d looks, want 0", pids[0], missed, rounds)
	}
}

func TestMarkedIsQuickWithEmptyEnvironments(t *testing.T) {
	_, pids := start(t, 1, "echo $$; exec env -i sleep 1000")
	for !bare(pids[0]) { // until env(1) has cleared it
		runtime.Gosched()
	}
	var r reader
	if env, ok := r.environ(pids[0]); len(env) > 0 || !ok {
		t.Errorf("got environment %q, %v, want none and no second look", env, ok)
	}
}
