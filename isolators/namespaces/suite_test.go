package namespaces

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newUser makes one, or skips with what the machine lacks.
func newUser(t *testing.T) *User {
	t.Helper()
	u, err := NewUser(Range{UID: 300000, GID: 300000, Size: 65536}, t.TempDir())
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUserSuite(t *testing.T) {
	isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator { return newUser(t) }})
}

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
