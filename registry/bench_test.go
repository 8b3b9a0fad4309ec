package registry_test

import (
	"fmt"
	"testing"

	"mesos/registry"
	"mesos/registry/storetest"
)

// BenchmarkAgents admits so many agents, recovers them as a new master does, and
// removes them, with each store. Operations are asked for as fast as they are
// taken; agents/s is until the last is durable.
func BenchmarkAgents(b *testing.B) {
	for _, n := range []int{10_000, 20_000, 30_000, 50_000} {
		for name, open := range map[string]func(b *testing.B) func() registry.Store{
			"memory": func(*testing.B) func() registry.Store {
				d := &registry.Disk{}
				return func() registry.Store { return registry.OpenMemory(d) }
			},
			"bolt": func(b *testing.B) func() registry.Store {
				dir := b.TempDir()
				return func() registry.Store {
					s, err := registry.OpenBolt(dir)
					if err != nil {
						b.Fatal(err)
					}
					return s
				}
			},
		} {
			b.Run(fmt.Sprintf("store=%s/agents=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				storetest.BenchmarkAgents(b, n, func() func() registry.Store { return open(b) })
			})
		}
	}
}
