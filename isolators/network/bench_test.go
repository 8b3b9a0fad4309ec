package network

import (
	"fmt"
	"testing"

	"mesos/isolators/boot"
)

// BenchmarkBridge has containers go through the network: into it and out again.
func BenchmarkBridge(b *testing.B) {
	need(b)
	o := options(b)
	i := opened(b, o, []string{Bridge})
	begin(b, i, asking("stays", named("mesos0"))) // so that the bridge does
	for _, c := range []struct {
		name string
		port uint32
	}{{"plain", 0}, {"port mapped", 31001}} {
		b.Run(c.name, func(b *testing.B) {
			for n := 0; b.Loop(); n++ {
				k := asking(fmt.Sprint("c", n), named("mesos0"))
				if c.port > 0 {
					k = asking(fmt.Sprint("c", n), named("mesos0", mapped(c.port, 80)))
				}
				if err := i.Prepare(b.Context(), k, &boot.Launch{}); err != nil {
					b.Fatal(err)
				}
				if err := i.Cleanup(b.Context(), k.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
