package gc

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestRemoveNested removes sandboxes of nested and standalone containers, and never more.
func TestRemoveNested(t *testing.T) {
	d := tree(t, run1+"/containers/n/containers/deep", run1+"/containers/other", run2, "containers/alone/containers/in", "containers/second")
	for _, step := range []struct{ remove, stays string }{
		{run1 + "/containers/n/containers/deep", run1 + "/containers/n"},
		{run1 + "/containers/n", run1 + "/containers/other"},
		{run1 + "/containers/other", run1 + "/containers"}, // the live run is not tidied
		{run1 + "/containers/n", run1},                     // again
		{"containers/alone/containers/in", "containers/alone"},
		{"containers/alone", "containers/second"},
		{"containers/second", run2},
		{"slaves/A/frameworks/F/executors/e/runs/none/containers/n", run2}, // its run is gone
	} {
		if err := d.Remove(filepath.Join(d.WorkDir, step.remove)); err != nil {
			t.Fatal(err)
		}
		if there(d, step.remove) || !there(d, step.stays) {
			t.Errorf("removal of %s: got it there %v, %s there %v", step.remove, there(d, step.remove), step.stays, there(d, step.stays))
		}
	}
}

// TestRemoveNestedFollowsNoLink: a task that puts a link in the way has nothing removed outside of its sandbox.
func TestRemoveNestedFollowsNoLink(t *testing.T) {
	d := tree(t, run1, "volumes/roles/r/v/n")
	link(t, filepath.Join(d.WorkDir, "volumes/roles/r/v"), filepath.Join(d.WorkDir, run1, "containers"))
	if err := d.Remove(filepath.Join(d.WorkDir, run1, "containers/n")); err == nil {
		t.Error("got no error for a way that leads out of the sandbox")
	}
	if !there(d, "volumes/roles/r/v/n") {
		t.Error("what the link led to was removed")
	}
}

func TestRemoveRefusesWhatIsNoContainer(t *testing.T) {
	d := tree(t, run1+"/containers/n/data", run1+"/data/n", "containers/alone/data")
	for _, path := range []string{"containers", "containers/alone/data", run1 + "/containers", run1 + "/data/n", run1 + "/containers/n/data", run1 + "/containers/n/containers"} {
		if err := d.Remove(d.WorkDir + "/" + path); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%q: got %v, want ErrNotOurs", path, err)
		}
	}
	if _, err := os.Stat(filepath.Join(d.WorkDir, run1, "containers/n/data")); err != nil {
		t.Error(err)
	}
}
