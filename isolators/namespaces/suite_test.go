package namespaces

import (
	"testing"

	"go.uber.org/goleak"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSuite(t *testing.T) {
	for name, make := range map[string]func() isolators.Isolator{
		"namespaces/pid": func() isolators.Isolator { return &PID{} },
		"namespaces/ipc": func() isolators.Isolator { return &IPC{} },

		"namespaces/uts":    func() isolators.Isolator { return &UTS{} },
		"namespaces/net":    func() isolators.Isolator { return &Net{} },
		"namespaces/cgroup": func() isolators.Isolator { return &Cgroup{} },
	} {
		t.Run(name, func(t *testing.T) {
			isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator {
				i := make()
				if i.Name() != name {
					t.Errorf("name: got %s, want %s", i.Name(), name)
				}
				return i
			}})
		})
	}
}
