// Package machine measures the machine that it runs on, for package oversubscription. The agent calls it, beside its actor.
package machine

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"mesos/actors/agent/oversubscription"
	"mesos/isolators/cgroup"
)

// ticks are how many a second /proc/stat counts in; the kernel promises this number to programs.
const ticks = 100

// Measure reads the load, the processor time and the pressure of the machine. A kernel that counts no pressure
// leaves that unknown.
func Measure() (oversubscription.Machine, error) { return measure("/proc") }

func measure(proc string) (m oversubscription.Machine, err error) {
	m.CPUs = runtime.NumCPU()
	load, err := os.ReadFile(filepath.Join(proc, "loadavg"))
	if err != nil {
		return m, fmt.Errorf("load of the machine: %w", err)
	}
	if _, err := fmt.Sscanf(string(load), "%f %f %f", new(float64), &m.Load5, &m.Load15); err != nil {
		return m, fmt.Errorf("load of the machine %q: %w", load, err)
	}
	stat, err := os.ReadFile(filepath.Join(proc, "stat"))
	if err != nil {
		return m, fmt.Errorf("processor time of the machine: %w", err)
	}
	if m.Busy, err = busy(string(stat)); err != nil {
		return m, err
	}
	m.Stalls = stalls(filepath.Join(proc, "pressure"))
	return m, nil
}

// busy adds up the first line of /proc/stat, but for the idle times, which are the 4th and 5th, and those of guests, which
// are in others.
func busy(stat string) (seconds float64, err error) {
	line, _, _ := strings.Cut(stat, "\n")
	f := strings.Fields(line)
	if len(f) < 9 || f[0] != "cpu" {
		return 0, fmt.Errorf("processor time of the machine %q: want \"cpu\" and at least 8 numbers", line)
	}
	for i, text := range f[1:9] {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("processor time of the machine %q: %w", line, err)
		}
		if i != 3 && i != 4 {
			seconds += float64(n) / ticks
		}
	}
	return seconds, nil
}

func stalls(dir string) (s oversubscription.Stalls) {
	for file, to := range map[string]*float64{"cpu": &s.CPU, "memory": &s.Memory, "io": &s.IO} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return oversubscription.Stalls{}
		}
		p, err := cgroup.ParsePressure(string(text))
		if err != nil {
			return oversubscription.Stalls{}
		}
		*to = p.Some
	}
	s.Known = true
	return s
}
