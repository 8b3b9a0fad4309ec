package cluster

import (
	"os"
	"testing"

	"mesos/isolators/cgroup"
)

// NeedCgroups skips a test where its agents cannot hold containers by cgroups with
// some controllers, and says what is missing; otherwise it gives where they are.
func NeedCgroups(t testing.TB, controllers ...string) *cgroup.Layout {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can isolate")
	}
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		t.Skip(err)
	}
	l.Writable()
	if err := l.CanKill(); err != nil {
		t.Skip(err)
	}
	for _, c := range controllers {
		if _, err := l.Version([]string{c}, []string{c}); err != nil {
			t.Skip(err)
		}
	}
	return l
}
