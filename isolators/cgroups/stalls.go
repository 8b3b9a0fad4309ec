package cgroups

import (
	"errors"
	"fmt"
	"io/fs"

	"mesos/isolators"
	"mesos/isolators/cgroup"
)

// stalls are the files of a v2 cgroup that say how long its processes waited for want of something, by what for.
var stalls = []struct{ file, resource string }{{"cpu.pressure", "cpu"}, {"memory.pressure", "memory"}, {"io.pressure", "io"}}

// Figures implements isolators.Figurer: how long processes of a container waited. Only cgroups of version 2 tell that, but
// every container is in one of those where they are mounted, whatever counts and limits it. A kernel that does not tell
// makes no figures.
func (i *Isolator) Figures(id string) (all []isolators.Figure, err error) {
	if _, err := i.group(id); err != nil {
		return nil, err
	}
	for _, r := range i.roots {
		if r.Version != 2 || !r.killer {
			continue
		}
		for _, s := range stalls {
			p, err := r.below(id).Pressure(s.file)
			switch {
			case errors.Is(err, cgroup.ErrNoPressure) || errors.Is(err, fs.ErrNotExist):
				continue
			case err != nil:
				return nil, fmt.Errorf("pressure of container %s: %w", id, err)
			}
			all = append(all, stall(s.resource, "some", p.Some), stall(s.resource, "full", p.Full))
		}
	}
	return all, nil
}

func stall(resource, who string, seconds float64) isolators.Figure {
	return isolators.Figure{
		Name: isolators.StallFigure, Unit: "seconds", Grows: true, Value: seconds,
		Help:   "Time in which some, or all, of the container's processes that had work waited for a resource.",
		Labels: []isolators.Label{{Name: "resource", Value: resource}, {Name: "waiting", Value: who}},
	}
}
