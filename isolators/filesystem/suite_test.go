package filesystem

import (
	"testing"

	"go.uber.org/goleak"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSuite(t *testing.T) {
	for name, make := range map[string]func() isolators.Isolator{
		"filesystem/linux": func() isolators.Isolator { return NewLinux(Options{Scratch: t.TempDir()}) },
		"docker/runtime":   func() isolators.Isolator { return &Runtime{Files: NewLinux(Options{Scratch: t.TempDir()})} },
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
