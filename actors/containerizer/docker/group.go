package docker

import (
	"context"
	"errors"

	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators/cgroups"
)

// errParent is of a container that would be where the agent does not look for it.
var errParent = errors.New("cgroup-parent: by --isolation this agent counts what containers do by cgroups of its own, in which the engine is to make them: leave it out")

// place has a container be made within a cgroup of the agent's.
func (r *Runtime) place(s *engine.Container, id string) {
	if r.o.Group != "" {
		s.HostConfig.CgroupParent = cgroups.Within(r.o.Group, id)
	}
}

// placed says that nothing has put the container elsewhere since.
func (r *Runtime) placed(s *engine.Container, id string) error {
	if r.o.Group != "" && s.HostConfig.CgroupParent != cgroups.Within(r.o.Group, id) {
		return errParent
	}
	return nil
}

// vacate removes the cgroups around a container that has ended, with what the engine has left there.
func (r *Runtime) vacate(ctx context.Context, id string) error {
	if r.o.Group == "" {
		return nil
	}
	return cgroups.ForeignAt(r.o.Layout, cgroups.Within(r.o.Group, id)).Remove(ctx)
}
