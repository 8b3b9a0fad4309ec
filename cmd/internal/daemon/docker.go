package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/metrics"
	"mesos/cmd/flags"
	"mesos/isolators"
	"mesos/isolators/catalog"
	"mesos/isolators/cgroup"
	"mesos/isolators/ebpf"
	"mesos/isolators/images"
	v1 "mesos/messages/mesos/v1"
)

// DockerSettings are about containers of a Docker engine.
type DockerSettings struct {
	Socket      string
	StopTimeout time.Duration
	RemoveDelay time.Duration
	KillOrphans bool
}

func dockerFrom(f *flags.Set) DockerSettings {
	return DockerSettings{
		Socket: f.String("docker_socket"), StopTimeout: f.Duration("docker_stop_timeout"), RemoveDelay: f.Duration("docker_remove_delay"), KillOrphans: f.Bool("docker_kill_orphans"),
	}
}

// pulls counts how long images are fetched. Where there is no Docker engine there
// is nothing to count.
func (s ContainerizerSettings) pulls(reg *metrics.Registry) func(time.Duration) {
	if !slices.Contains(s.Names, dockerContainerizer) {
		return nil
	}
	return reg.Timer("containerizer/docker/image_pull_ms", "How long the Docker engine took to fetch images.", time.Hour).Observe
}

// docker adds the containerizer of that name. Its engine must answer.
func (m *composer) docker() error {
	s := m.s.Containerizers.Docker
	program, err := m.program("mesos-docker-executor")
	if err != nil {
		return err
	}
	e := engine.New(s.Socket)
	ctx, end := ask()
	defer end()
	version, err := e.Version(ctx)
	if err != nil {
		return fmt.Errorf("flag --docker_socket: %w", err)
	}
	m.log.Info("Docker engine", "socket", s.Socket, "api", version)
	m.lacking(dockerContainerizer, true)
	config := m.s.Isolation.Images.Store.Config
	own := m.s.Isolation.options(m.work, true)
	own.Cgroups.Root += "." + dockerContainerizer
	layout, group, err := m.engineGroup(ctx, e, own.Cgroups.Root)
	if err != nil {
		return err
	}
	r := docker.New(docker.Options{
		Engine: e, Program: program, Mark: mark(m.work), Sandbox: m.s.Isolation.Images.Sandbox, Cgroups: catalog.Cgroups(m.s.Isolation.List, own.Cgroups), Seccomp: m.s.Isolation.Options.Seccomp, Layout: layout, Group: group,
		StopTimeout: s.StopTimeout, RemoveDelay: s.RemoveDelay, KillOrphans: s.KillOrphans, Log: m.log, Pulled: m.pulled,
		Credentials: func(image string) (*engine.Credentials, error) {
			c, err := images.CredentialFor(config, image)
			if c == nil || err != nil {
				return nil, err
			}
			return &engine.Credentials{Username: c.Username, Password: c.Password, IdentityToken: c.IdentityToken, RegistryToken: c.RegistryToken, ServerAddress: c.Registry}, nil
		},
	})
	own.GPU.Dir += "-" + dockerContainerizer
	parts, err := catalog.MadeByEngine(m.s.Isolation.List, own, r)
	if err == nil && group != "" {
		var around []isolators.Isolator
		around, err = catalog.Around(m.s.Isolation.List, own)
		parts = append(parts, around...)
	}
	if err != nil {
		r.Close()
		return fmt.Errorf("flag --isolation: %w", err)
	}
	var set isolators.Isolator = r
	if len(parts) > 0 {
		set = isolators.NewSet(append(parts, r)...)
	}
	accepts := func(info *v1.ContainerInfo) error {
		if !docker.Accepts(info) {
			return errors.New("container.type: want DOCKER")
		}
		return nil
	}
	return m.add(dockerContainerizer, &containerizer.Isolation{Set: set, Runtime: r, Volumes: true, Cores: true, Disks: true}, accepts, func(k containerizer.Known) bool { return docker.Accepts(k.Info) })
}

// engineGroup is where the machine has cgroups, and that in which an engine is to make its containers: "" where no
// isolator wants one, or the engine can not. Isolators that only count are left out then, with a warning; one that
// forbids something is an error.
func (m *composer) engineGroup(ctx context.Context, e *engine.Client, root string) (layout *cgroup.Layout, group string, err error) {
	layout = m.layout()
	within := catalog.Within(m.s.Isolation.List)
	if len(within) == 0 {
		return layout, "", nil
	}
	if layout == nil {
		return nil, "", &isolators.MissingError{Feature: "cgroup hierarchy", Needs: "cgroup v1 or v2 mounted"}
	}
	driver, err := e.CgroupDriver(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("flag --docker_socket: %w", err)
	}
	if driver == "cgroupfs" {
		layout.Writable()
		return layout, root, nil
	}
	const want = "an engine with the option native.cgroupdriver=cgroupfs"
	if slices.Contains(within, ebpf.Ports) {
		return nil, "", fmt.Errorf("flag --isolation: %s: the Docker engine's cgroup driver is %s: want %s", ebpf.Ports, driver, want)
	}
	m.log.Warn("containers of the Docker engine do without isolators: its cgroup driver has them elsewhere", "isolators", strings.Join(within, ","), "driver", driver, "want", want)
	return layout, "", nil
}
