package docker

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
)

// errHooks is of a container that needs more than an engine does through its API.
var errHooks = errors.New("resources, gpus: files of the Container Device Interface have hooks, which a Docker engine does not run: want a container of type MESOS")

// give has a container get devices, and what comes with them.
func give(s *engine.Container, g boot.Given) error {
	if len(g.Hooks) > 0 {
		return errHooks
	}
	for _, n := range g.Nodes {
		s.HostConfig.Devices = append(s.HostConfig.Devices, engine.Device{PathOnHost: n.Host, PathInContainer: n.Path, CgroupPermissions: n.Access})
	}
	for _, m := range g.Mounts {
		mount(s, m.Source, m.Target, m.Flags&unix.MS_RDONLY != 0)
	}
	return nil
}

// SetDevices replaces the devices that a container which runs may use beside the usual
// ones.
func (r *Runtime) SetDevices(id string, was, now []cgroups.Device) error {
	m, err := r.own(id)
	if m == nil {
		return err
	}
	ctx, end := context.WithTimeout(context.Background(), askTimeout)
	defer end()
	f, err := r.groups(ctx, id)
	if err != nil || f == nil {
		return err
	}
	return f.SetDevices(r.o.Cgroups, was, now)
}

// groups are the cgroups of a container, nil if it does not run or nothing is known of
// cgroups.
func (r *Runtime) groups(ctx context.Context, id string) (*cgroups.Foreign, error) {
	if r.o.Layout == nil {
		return nil, nil
	}
	s, err := r.o.Engine.Inspect(ctx, Name(id))
	if engine.NotFound(err) || err == nil && s.State.Pid == 0 {
		return nil, nil // it is not made yet, or no more
	}
	if err != nil {
		return nil, err
	}
	return cgroups.ForeignOf(r.o.Layout, s.State.Pid)
}
