package containerizer

import (
	"syscall"
	"testing"

	"mesos/isolators/cgroups"
)

// TestSignalIsTold has signals end commands beside which something stays, with a
// shim above that and without; and commands that only exit as if.
func TestSignalIsTold(t *testing.T) {
	p := newIsolated(t, pidNamespaces, cgroups.Options{})
	up := outer(t, p, "a")
	for _, tt := range []struct {
		name, line string
		want       syscall.WaitStatus
		told       string
	}{
		{"killed", "kill -KILL $$", syscall.WaitStatus(syscall.SIGKILL), "terminated with signal Killed"},
		{"terminated", "kill -TERM $$", syscall.WaitStatus(syscall.SIGTERM), "terminated with signal Terminated"},
		{"only says so", "exit 137", 137 << 8, "exited with status 137"},
		{"exits", "exit 3", 3 << 8, "exited with status 3"},
	} {
		for kind, c := range map[string]Config{"plain": config(t, "c", shell(tt.line)), "shim": within(up, "b", shell(tt.line))} {
			t.Run(tt.name+"/"+kind, func(t *testing.T) {
				if e := run(t, p, c); syscall.WaitStatus(e.Status) != tt.want || e.Message != tt.told {
					t.Errorf("got status %#x, %q, want %#x, %q", e.Status, e.Message, int(tt.want), tt.told)
				}
			})
		}
	}
}
