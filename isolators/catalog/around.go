package catalog

import (
	"fmt"
	"slices"
	"strings"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	"mesos/isolators/ebpf"
)

// byGroup are the isolators that act on a container by a cgroup around it, whoever makes it.
func byGroup() []string {
	return slices.Concat(cgroups.Bequeathed(), ebpf.Names(), []string{cgroups.All})
}

// Within says which isolators of a list need the containers of another program to be made within cgroups of our own,
// which Around makes; none where it has nothing to do.
func Within(list string) []string {
	names, err := parse(list)
	if err != nil {
		return nil
	}
	within := chosen(names, byGroup())
	if n := slices.Index(within, cgroups.All); n >= 0 { // of which the rest is the program's
		within = slices.Replace(within, n, n+1, cgroups.Bequeathed()...)
		slices.Sort(within)
		within = slices.Compact(within)
	}
	return within
}

// Around are the isolators of a list that act on containers which another program makes by a cgroup around each,
// below Options.Cgroups.Root: in every hierarchy that is <root>/<container id>, in which the program is to make its own. They
// act after those of MadeBy or MadeByEngine, and before that of the program.
// Errors are those of New.
func Around(list string, o Options) ([]isolators.Isolator, error) {
	within := Within(list)
	if len(within) == 0 {
		return nil, nil
	}
	layout, err := cgroup.Probe(o.Hierarchy)
	if err != nil {
		return nil, err
	}
	layout.Writable()
	around, err := cgroups.NewAround(layout, Cgroups(list, o.Cgroups))
	if err != nil {
		return nil, err
	}
	parts := []isolators.Isolator{around}
	if programs := chosen(within, ebpf.Names()); len(programs) > 0 {
		p, err := counting(around, o, programs)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// counting makes the isolator of eBPF programs for containers whose cgroups another one knows.
func counting(held *cgroups.Isolator, o Options, programs []string) (isolators.Isolator, error) {
	o.EBPF.Dir = strings.ReplaceAll(o.Cgroups.Root, ".", "_") // which a bpffs takes in no name
	p, err := ebpf.New(held, o.EBPF, programs...)
	if err != nil {
		return nil, fmt.Errorf("isolator %s: %w", programs[0], err)
	}
	return p, nil
}
