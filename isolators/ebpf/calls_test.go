package ebpf

import (
	"fmt"
	"testing"

	"mesos/isolators"
)

// TestByCalls has the programs read the kernel's memory as they do on kernels that do not let them without a call.
func TestByCalls(t *testing.T) {
	disk, number := loop(t, blocks*block)
	set, _ := newMachine(t).ready(t, Options{calls: true}, []string{All})
	start(t, set, isolators.Container{ID: "one", Demand: demand}, "exec sleep 1000").Release()
	ended(t, in(t, set, "one.inner", "udp", "HOST=127.0.0.1", "PACKETS=100", "SIZE=10"))
	p := start(t, set, isolators.Container{ID: "two", Demand: demand}, fmt.Sprintf("exec dd if=/dev/zero of=%s bs=%d count=%d oflag=direct conv=notrunc", disk, block, blocks))
	p.Release()
	ended(t, p)
	for _, id := range []string{"one", "one.inner"} {
		want(t, figures(t, set, id), map[string]float64{"network_packets transmit udp": 100, "network_bytes receive udp": 3800, "process_exits": 1})
	}
	want(t, figures(t, set, "two"), map[string]float64{
		"disk_bytes " + number + " write": blocks * block, "disk_latency_seconds " + number + " write count": blocks, "process_exits": 1,
	})
}
