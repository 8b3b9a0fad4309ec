package cgroup

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// ErrNoPressure says that the kernel does not count how long processes wait (CONFIG_PSI, psi=1).
var ErrNoPressure = errors.New("the kernel counts no pressure")

// Pressure is how long processes have waited for want of a resource, in seconds since their group exists: in Some of the
// time at least one waited that could have worked, in Full all of them did.
type Pressure struct{ Some, Full float64 }

// Pressure reads a file like cpu.pressure. Errors wrap ErrNoPressure, or fs.ErrNotExist of a kernel without such files.
func (d Dir) Pressure(name string) (Pressure, error) {
	text, err := d.Read(name)
	if errors.Is(err, syscall.EOPNOTSUPP) {
		return Pressure{}, fmt.Errorf("%w: %w", ErrNoPressure, err)
	}
	if err != nil {
		return Pressure{}, err
	}
	return ParsePressure(text)
}

// ParsePressure reads the text of such a file; those of the whole machine, in /proc/pressure, are of the same form.
func ParsePressure(text string) (p Pressure, err error) {
	for line := range strings.Lines(text) {
		var who string
		var avg [3]float64
		var total int64 // microseconds
		if _, err := fmt.Sscanf(line, "%s avg10=%f avg60=%f avg300=%f total=%d", &who, &avg[0], &avg[1], &avg[2], &total); err != nil {
			return p, fmt.Errorf("pressure %q: %w", strings.TrimSpace(line), err)
		}
		seconds := (time.Duration(total) * time.Microsecond).Seconds()
		switch who {
		case "some":
			p.Some = seconds
		case "full":
			p.Full = seconds
		}
	}
	return p, nil
}
