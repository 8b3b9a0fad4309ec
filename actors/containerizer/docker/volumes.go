package docker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker/engine"
	v1 "mesos/messages/mesos/v1"
)

// volumes adds the sandbox, the persistent volumes and those of the ContainerInfo.
func (r *Runtime) volumes(s *engine.Container, c containerizer.Config) error {
	mount(s, c.Sandbox, r.o.Sandbox, false)
	for _, m := range c.Persistent {
		at := m.Target
		if !filepath.IsAbs(at) {
			at = m.Path // where the link in the sandbox leads
		}
		mount(s, m.Path, at, m.ReadOnly)
	}
	for i, v := range c.Info.GetVolumes() {
		if err := r.volume(s, c, v); err != nil {
			return fmt.Errorf("container.volumes[%d]: %w", i, err)
		}
	}
	s.HostConfig.VolumeDriver = c.Info.GetDocker().GetVolumeDriver()
	return nil
}

// volume adds one. Where paths are relative they count from the sandbox.
func (r *Runtime) volume(s *engine.Container, c containerizer.Config, v *v1.Volume) error {
	at := v.GetContainerPath()
	switch {
	case at == "":
		return errors.New("container_path must be set")
	case !filepath.IsAbs(at) && !filepath.IsLocal(at):
		return fmt.Errorf("container_path %q must be absolute, or relative and stay in the sandbox", at)
	case !filepath.IsAbs(at):
		at = filepath.Join(r.o.Sandbox, at)
	}
	readOnly := v.GetMode() == v1.Volume_RO
	src := v.GetSource()
	switch {
	case src == nil && v.GetImage() != nil:
		return errors.New("image: the Docker engine mounts no images: use a container of type MESOS")
	case src == nil && v.GetHostPath() == "": // the engine makes one
		if s.Volumes == nil {
			s.Volumes = map[string]struct{}{}
		}
		s.Volumes[at] = struct{}{}
		return nil
	case src == nil && filepath.IsAbs(v.GetHostPath()):
		return bindHost(s, v.GetHostPath(), at, readOnly)
	case src == nil && c.Info.GetDocker().GetVolumeDriver() != "" && !strings.Contains(v.GetHostPath(), "/"):
		bind(s, v.GetHostPath(), at, readOnly) // the name of a volume of that driver
		return nil
	case src == nil:
		return bindWithin(s, c.Sandbox, v.GetHostPath(), at, readOnly)
	}
	switch src.GetType() {
	case v1.Volume_Source_HOST_PATH:
		return bindHost(s, src.GetHostPath().GetPath(), at, readOnly)
	case v1.Volume_Source_SANDBOX_PATH:
		if src.GetSandboxPath().GetType() != v1.Volume_Source_SandboxPath_SELF {
			return errors.New("source.sandbox_path.type: want SELF: containers of a Docker engine are within no other")
		}
		return bindWithin(s, c.Sandbox, src.GetSandboxPath().GetPath(), at, readOnly)
	case v1.Volume_Source_DOCKER_VOLUME:
		d := src.GetDockerVolume()
		m := engine.Mount{Type: "volume", Source: d.GetName(), Target: at, ReadOnly: readOnly, VolumeOptions: &engine.VolumeOptions{DriverConfig: engine.Driver{Name: d.GetDriver()}}}
		for _, o := range d.GetDriverOptions().GetParameter() {
			if m.VolumeOptions.DriverConfig.Options == nil {
				m.VolumeOptions.DriverConfig.Options = map[string]string{}
			}
			m.VolumeOptions.DriverConfig.Options[o.GetKey()] = o.GetValue()
		}
		s.HostConfig.Mounts = append(s.HostConfig.Mounts, m)
		return nil
	}
	return fmt.Errorf("source.type %v: want HOST_PATH, SANDBOX_PATH or DOCKER_VOLUME in a container of type DOCKER", src.GetType())
}

// mount mounts a directory that is there. Its path may hold anything.
func mount(s *engine.Container, from, to string, readOnly bool) {
	s.HostConfig.Mounts = append(s.HostConfig.Mounts, engine.Mount{Type: "bind", Source: from, Target: to, ReadOnly: readOnly})
}

// bind mounts what the engine makes if it is not there.
func bind(s *engine.Container, from, to string, readOnly bool) {
	b := from + ":" + to
	if readOnly {
		b += ":ro"
	}
	s.HostConfig.Binds = append(s.HostConfig.Binds, b)
}

func bindHost(s *engine.Container, from, to string, readOnly bool) error {
	if !filepath.IsAbs(from) {
		return fmt.Errorf("source.host_path.path %q must be absolute", from)
	}
	if strings.Contains(from, ":") {
		return fmt.Errorf("host path %q: the Docker engine takes none with a colon", from)
	}
	bind(s, filepath.Clean(from), to, readOnly)
	return nil
}

// bindWithin mounts a directory of the sandbox, which is made if need be. The
// sandbox may belong to a user: no link is followed out of it.
func bindWithin(s *engine.Container, sandbox, path, to string, readOnly bool) error {
	if !filepath.IsLocal(path) {
		return fmt.Errorf("path %q of the sandbox must be relative and stay in it", path)
	}
	root, err := os.OpenRoot(sandbox)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(path, 0o755); err != nil {
		return fmt.Errorf("path %q of the sandbox: %w", path, err)
	}
	mount(s, filepath.Join(sandbox, path), to, readOnly)
	return nil
}
