package mesosjson_test

import (
	"sync"
	"testing"

	masterv1 "mesos/messages/mesos/v1/master"

	"mesos/messages/mesosjson"
)

// TestConcurrentFirstUse: many goroutines meet a type that has no plan yet, and
// whose types contain each other.
func TestConcurrentFirstUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m := &masterv1.Response_GetVersion{}
			if err := mesosjson.Unmarshal([]byte(`{"version_info":{"version":"1.11.0"}}`), m); err != nil {
				t.Error(err)
			}
			text, err := mesosjson.Marshal(&masterv1.Call{Type: masterv1.Call_GET_VERSION.Enum()})
			if want := `{"type":"GET_VERSION"}`; err != nil || string(text) != want {
				t.Errorf("got %s, %v, want %s", text, err, want)
			}
			if m.GetVersionInfo().GetVersion() != "1.11.0" {
				t.Errorf("got %v, want version 1.11.0", m)
			}
		})
	}
	wg.Wait()
}
