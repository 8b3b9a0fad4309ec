package registry_test

import (
	"testing"

	"go.uber.org/goleak"

	"mesos/registry"
	"mesos/registry/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStores(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) storetest.Open{
		"memory": func(*testing.T) storetest.Open {
			d := &registry.Disk{}
			return func(*testing.T) registry.Store { return registry.OpenMemory(d) }
		},
		"bolt": func(t *testing.T) storetest.Open {
			dir := t.TempDir()
			return func(t *testing.T) registry.Store {
				s, err := registry.OpenBolt(dir)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
		},
	} {
		t.Run(name, func(t *testing.T) { storetest.Run(t, open) })
	}
}
