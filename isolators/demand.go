package isolators

import (
	"math"

	"mesos/messages/resources"
)

// Demand is how much of the machine a container gets: what it is promised, and
// where it is stopped. Cpus are fractions of one core, memory is in bytes.
type Demand struct {
	CPUs float64
	Mem  uint64

	// Revocable is the part of CPUs that may be taken back at any time: it gives way to what is not.
	Revocable float64

	// CPULimit and MemLimit are the limits of the task, if it has any: zero
	// says that there is none of its own, so that the isolator's
	// configuration decides; +Inf and Unlimited lift every limit.
	CPULimit float64
	MemLimit uint64

	// GPUs are whole ones.
	GPUs float64

	// Ports are those that it was given.
	Ports []resources.Range

	// Disk is for its sandbox, in bytes; 0: none is promised, none limited.
	// Volumes has the sizes of persistent volumes, in bytes, by their ids.
	Disk    uint64
	Volumes map[string]uint64
}

// Unlimited is a MemLimit that limits nothing.
const Unlimited = math.MaxUint64

// IsZero says that no amount is asked for and no limit set.
func (d Demand) IsZero() bool {
	return d.CPUs == 0 && d.Mem == 0 && d.CPULimit == 0 && d.MemLimit == 0
}
