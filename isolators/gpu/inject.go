package gpu

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
)

// grant is what a container gets for its GPUs.
type grant struct {
	nodes  []boot.Node
	env    []string
	mounts []boot.Mount
	hooks  []hook
}

// granted puts together what comes with some GPUs.
func granted(root string, gpus []GPU) (g grant, err error) {
	if len(gpus) == 0 {
		return g, nil
	}
	all, err := describe(root)
	if err != nil {
		return g, err
	}
	var names, done []string
	for _, one := range gpus {
		names = append(names, one.name())
		d, is := of(all, one)
		if !is {
			g.nodes = append(append(g.nodes, one.Node), common(root)...)
			continue
		}
		parts := []*edits{&d.edits}
		if !slices.Contains(done, d.file) {
			done, parts = append(done, d.file), append(parts, d.common)
		}
		for _, e := range parts {
			if err := g.add(root, d.file, e); err != nil {
				return g, fmt.Errorf("%s: %w", d.file, err)
			}
		}
	}
	g.env = append(g.env, "NVIDIA_VISIBLE_DEVICES="+strings.Join(names, ","))
	slices.SortStableFunc(g.nodes, func(a, b boot.Node) int { return strings.Compare(a.Path, b.Path) })
	g.nodes = slices.CompactFunc(g.nodes, func(a, b boot.Node) bool { return a.Path == b.Path })
	return g, nil
}

func (g *grant) add(root, file string, e *edits) error {
	nodes, err := e.nodes(root)
	if err != nil {
		return err
	}
	g.nodes, g.env = append(g.nodes, nodes...), append(g.env, e.Env...)
	for _, m := range e.Mounts {
		if !filepath.IsAbs(m.ContainerPath) {
			return fmt.Errorf("mount of %s: containerPath %q: want an absolute path", m.HostPath, m.ContainerPath)
		}
		mount := boot.Mount{Source: filepath.Join(root, m.HostPath), Target: m.ContainerPath, Flags: unix.MS_BIND | unix.MS_NOSUID | unix.MS_NODEV, Make: true}
		if slices.Contains(m.Options, "rbind") {
			mount.Flags |= unix.MS_REC
		}
		if slices.Contains(m.Options, "ro") {
			mount.Flags |= unix.MS_RDONLY
		}
		g.mounts = append(g.mounts, mount)
	}
	hooks, err := hooksOf(root, file, e)
	g.hooks = append(g.hooks, hooks...)
	return err
}

// devices are what cgroups/devices is told.
func (g *grant) devices() []cgroups.Device { return cgroups.DevicesOf(g.nodes) }

// into adds it to how a container begins. Without a root of its own, it has the
// machine's files.
func (g *grant) into(l *boot.Launch) error {
	l.Env = append(l.Env[:len(l.Env):len(l.Env)], g.env...)
	l.Given = boot.Given{Nodes: g.nodes, Env: g.env, Mounts: g.mounts}
	for _, h := range g.hooks {
		l.Given.Hooks = append(l.Given.Hooks, h.Hook)
	}
	if l.Rootfs == "" {
		return nil
	}
	for _, n := range g.nodes {
		l.Mounts = append(l.Mounts, boot.Mount{Source: n.Host, Target: n.Path, Flags: unix.MS_BIND, Make: true})
	}
	l.Mounts = append(l.Mounts, g.mounts...)
	return g.hookInto(l)
}
