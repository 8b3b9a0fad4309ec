package cgroups

import (
	"fmt"
	"slices"
)

// Options are the agent's flags about cgroups.
type Options struct {
	Root string // of all containers, relative to each hierarchy: "mesos"
	CFS  bool   // cpus are also a hard limit
	// RevocableLow gives cpus that may be taken back the least of contended ones (--revocable_cpu_low_priority).
	RevocableLow bool
	LimitSwap    bool     // memory limits hold for memory and swap together (v1 only)
	CountPIDs    bool     // Usage counts processes and threads
	PIDs         uint64   // processes and threads a container may have; 0: any number
	Handles      *Handles // of network classes; nil: containers have none of their own
	Perf         *Perf    // events that are counted; nil: none
	Devices      []Device // allowed beside those that every container gets
	// Asked are the isolators that were asked for, as Names has them, for cgroups that
	// another program makes. An Isolator knows by itself.
	Asked []string
}

// asks says whether a subsystem was asked for, "pids".
func (o Options) asks(subsystem string) bool {
	return slices.Contains(o.Asked, All) || slices.Contains(o.Asked, prefix+subsystem)
}

// Device allows access to device nodes.
type Device struct {
	Kind         byte // 'c', 'b', or 'a' for both
	Major, Minor int64
	Access       string // of r, w and m (making the node)
}

// Any stands for every Major or Minor.
const Any = -1

// String writes the device as v1 does: "c 136:* rwm".
func (d Device) String() string {
	number := func(n int64) string {
		if n == Any {
			return "*"
		}
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%c %s:%s %s", d.Kind, number(d.Major), number(d.Minor), d.Access)
}
