package ebpf

import (
	"testing"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
)

func TestSuite(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			isolatortest.Run(t, isolatortest.Subject{Holds: true, New: func(t *testing.T) isolators.Isolator {
				set, _ := m.isolator(t, Options{Egress: 1 << 30}, name)
				return set
			}})
		})
	}
}
