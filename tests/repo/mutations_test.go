package repo

import (
	"path/filepath"
	"testing"

	"mesos/tests/mutations"
)

// Each deliberate bug can still be built in: what it takes out stands once in its file, and it puts something else there.
func TestMutationsApply(t *testing.T) {
	all, err := mutations.Load(filepath.Join(root, "tests/mutations/bugs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if _, err := m.Apply(root); err != nil {
			t.Errorf("tests/mutations/bugs/%s.txt: %v", m.Name, err)
		}
		if m.Old == m.New || m.Bug == "" {
			t.Errorf("tests/mutations/bugs/%s.txt: got a bug that changes or says nothing, want one that does", m.Name)
		}
	}
}
