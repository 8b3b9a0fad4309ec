package metrics

import (
	"math"
	"runtime"
)

var nan = math.NaN()

// System is what the machine has and how busy it is.
type System struct {
	CPUs                 int
	MemTotal, MemFree    uint64 // bytes
	Load1, Load5, Load15 float64
}

// AddSystem registers system/cpus_total, system/load_{1,5,15}min, system/mem_total_bytes and system/mem_free_bytes.
// On a machine that cannot tell, only the first has a value.
func (r *Registry) AddSystem() {
	r.Gauge("system/cpus_total", "cpus", "CPUs that the program may use.", func() float64 { return float64(runtime.NumCPU()) })
	read := func(name, unit, help string, f func(System) float64) {
		r.Gauge(name, unit, help, func() float64 {
			s, err := ReadSystem()
			if err != nil {
				return nan
			}
			return f(s)
		})
	}
	read("system/load_1min", "", "Load average of the last minute.", func(s System) float64 { return s.Load1 })
	read("system/load_5min", "", "Load average of the last 5 minutes.", func(s System) float64 { return s.Load5 })
	read("system/load_15min", "", "Load average of the last 15 minutes.", func(s System) float64 { return s.Load15 })
	read("system/mem_total_bytes", "bytes", "Memory of the machine.", func(s System) float64 { return float64(s.MemTotal) })
	read("system/mem_free_bytes", "bytes", "Memory of the machine that nothing uses, not even caches.", func(s System) float64 { return float64(s.MemFree) })
}
