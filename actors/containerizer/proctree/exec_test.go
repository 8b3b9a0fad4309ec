package proctree

import (
	"os"
	"path/filepath"
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
