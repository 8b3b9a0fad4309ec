package operator

import (
	"maps"
	"slices"
	"testing"

	"mesos/actors/authentication"
)

// Every endpoint that may be asked by more than those who may change something is one that there is, and those that
// change something are as Mesos has them.
func TestAccess(t *testing.T) {
	for path := range access {
		if helps[path] == "" {
			t.Errorf("%s: it has an access, and is no endpoint", path)
		}
	}
	var changing []string
	for path := range maps.Keys(helps) {
		if accessOf(path) == authentication.ReadWrite {
			changing = append(changing, path)
		}
	}
	slices.Sort(changing)
	want := []string{
		"/agent", "/create-volumes", "/destroy-volumes", "/faults", "/framework", "/logging/toggle", "/machine/down", "/machine/up",
		"/maintenance/schedule", "/memory-profiler", "/offers/rescind", "/profiler", "/quota", "/reserve", "/tasks/kill", "/teardown", "/unreserve", "/weights",
	}
	if !slices.Equal(changing, want) {
		t.Errorf("endpoints for those who may change something:\ngot  %v,\nwant %v", changing, want)
	}
}
