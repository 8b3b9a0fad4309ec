package flags

import "testing"

// BenchmarkAgentCommandLine measures what reading the flags adds to the start of an agent.
func BenchmarkAgentCommandLine(b *testing.B) {
	for b.Loop() {
		if code, _, stderr, _ := run(b, agentSet(), nil, needed...); code != 0 {
			b.Fatal(stderr)
		}
	}
}
