// Package catalog knows isolators by the names of --isolation and composes them.
// Programs and containerizers call [New]; it imports every package of isolators,
// and none of them imports it.
package catalog

import (
	"fmt"
	"slices"
	"strings"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	"mesos/isolators/posix"
)

// Options are the agent's flags for isolators.
type Options struct {
	Hierarchy string // where cgroups are mounted: "/sys/fs/cgroup"
	Cgroups   cgroups.Options
}

// Names are the good ones, sorted.
func Names() []string {
	out := append(cgroups.Names(), posix.CPU, posix.Mem, rlimits)
	slices.Sort(out)
	return out
}

const rlimits = "posix/rlimits"

// New composes the isolators of a comma list, in an order of its own: limits of
// processes before cgroups. Errors are *isolators.UnknownError for a name that is
// none, and wrap *isolators.MissingError for one that this machine cannot do.
func New(list string, o Options) (*isolators.Set, error) {
	var parts []isolators.Isolator
	var groups []string
	var given []string
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if slices.Contains(given, name) {
			return nil, fmt.Errorf("isolator %q is named twice: want each once", name)
		}
		given = append(given, name)
		switch {
		case name == rlimits:
			parts = append(parts, posix.NewRLimits())
		case name == posix.CPU || name == posix.Mem:
			u, err := posix.NewUsage(name)
			if err != nil {
				return nil, err
			}
			parts = append(parts, u)
		case slices.Contains(cgroups.Names(), name):
			groups = append(groups, name)
		default:
			return nil, &isolators.UnknownError{Name: name, Good: Names()}
		}
	}
	if len(groups) > 0 {
		layout, err := cgroup.Probe(o.Hierarchy)
		if err != nil {
			return nil, fmt.Errorf("isolator %s: %w", groups[0], err)
		}
		g, err := cgroups.New(layout, o.Cgroups, groups...)
		if err != nil {
			return nil, err
		}
		parts = append(parts, g)
	}
	return isolators.NewSet(parts...), nil
}
