package e2e

import (
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// TestExampleFramework counts primes with a custom executor, which the agents fetch by URI and by path.
func TestExampleFramework(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:2;mem:512"})
	for _, executor := range []string{cluster.Example(t, "executor"), "file://" + cluster.Example(t, "executor")} {
		p := startProgram(t, cluster.Example(t, "framework"), nil, "-master", c.Addr(), "-executor", executor, "-below", "100000", "-tasks", "12")
		if code, want := p.wait(), "9592 primes below 100000, counted in 12 tasks\n"; code != 0 || p.stdout.String() != want {
			t.Errorf("got %d, %q, want 0, %q", code, p.stdout.String(), want)
		}
	}
}

// TestExampleLocality runs the same tasks with and without waiting for the preferred rack.
func TestExampleLocality(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:3;mem:512", LocalFlags: []string{"--attributes=rack:r{n}"}})
	for _, tt := range []struct{ name, flags, want string }{
		{"no wait", "-tasks 6 -wait 0s -command sleep@1", "local 3, other 3 (50 % local)"},
		{"wait", "-tasks 6 -wait 1m -command sleep@0.1", "local 6, other 0 (100 % local)"},
		{"wait in vain", "-tasks 2 -wait 300ms -prefer rack:none -command true", "local 0, other 2 (0 % local)"},
	} {
		args := strings.Fields(tt.flags)
		args[len(args)-1] = strings.ReplaceAll(args[len(args)-1], "@", " ")
		p := startProgram(t, cluster.Example(t, "locality"), nil, append([]string{"-master", c.Addr()}, args...)...)
		if code := p.wait(); code != 0 || !strings.Contains(p.stdout.String(), tt.want) {
			t.Errorf("%s: got %d, %s want %q", tt.name, code, p.stdout.String(), tt.want)
		}
	}
}
