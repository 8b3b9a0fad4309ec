package metrics

import (
	"fmt"
	"runtime"
	"syscall"
)

// ReadSystem asks the kernel.
func ReadSystem() (System, error) {
	var i syscall.Sysinfo_t
	if err := syscall.Sysinfo(&i); err != nil {
		return System{}, fmt.Errorf("sysinfo: %w", err)
	}
	// The kernel gives loads in fixed point with 16 bits behind the point.
	load := func(n int) float64 { return float64(i.Loads[n]) / 65536 }
	return System{
		CPUs:     runtime.NumCPU(),
		MemTotal: i.Totalram * uint64(i.Unit),
		MemFree:  i.Freeram * uint64(i.Unit),
		Load1:    load(0), Load5: load(1), Load15: load(2),
	}, nil
}
