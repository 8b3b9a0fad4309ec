package program

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
)

// own are the kinds of file systems that a kernel has of its own: those are the
// Maker's to mount.
var own = []string{"proc", "sysfs", "devpts", "mqueue", "tmpfs"}

// outside moves what an order says of files to an order of its own, for mesos-init
// before the program, and gives the arguments of that. What is mounted in /dev has
// no meaning to another kernel.
func (r *Runtime) outside(b *Bundle, order *boot.Launch) (around []string, err error) {
	if err := apart(b, order); err != nil {
		return nil, fmt.Errorf("%s: %w", r.Name(), err)
	}
	outer := &boot.Launch{Rootfs: b.Root, Enter: order.Enter}
	if order.Rootfs != "" {
		b.Root, outer.Rootfs = order.Rootfs, order.Rootfs
	}
	b.Mounts = nil
	for _, m := range order.Mounts {
		switch inDev := m.Target == "/dev" || strings.HasPrefix(m.Target, "/dev/"); {
		case slices.Contains(own, m.Type):
			b.Mounts = append(b.Mounts, m)
		case !inDev:
			outer.Mounts = append(outer.Mounts, m)
		}
	}
	if order.Rootfs != "" { // mesos-init must be there
		dir := filepath.Join(filepath.Dir(r.o.Sandbox), ".mesos")
		for i, file := range []string{b.Argv[0], b.Argv[2]} {
			at := filepath.Join(dir, filepath.Base(file))
			outer.Mounts = append(outer.Mounts, boot.Mount{Source: file, Target: at, Flags: unix.MS_BIND | unix.MS_RDONLY, Make: true})
			b.Argv[2*i] = at
		}
	}
	order.Enter, order.Rootfs, order.Mounts, order.Masked, order.ReadOnly, order.Clone, order.OwnCgroups, order.Loopback = "", "", nil, nil, nil, 0, false, false
	file := filepath.Join(b.Dir, "around")
	return []string{r.o.Init, boot.AroundArgument, file}, write(file, outer)
}

// apart says what a container with a kernel of its own cannot share with others.
func apart(b *Bundle, order *boot.Launch) error {
	for _, j := range b.Join {
		switch j.Kind {
		case unix.CLONE_NEWPID:
			return errors.New("container.linux_info.share_pid_namespace: its kernel is its own: leave it out")
		case unix.CLONE_NEWIPC:
			return errors.New("container.linux_info.ipc_mode: its kernel is its own: want PRIVATE")
		}
	}
	if order.Clone&unix.CLONE_NEWPID == 0 {
		return errors.New("container.linux_info.share_pid_namespace: its kernel is its own: leave it out")
	}
	if c := order.Capabilities; c != nil && (c.Effective != c.Bounding || order.User != nil && order.User.UID != 0) {
		return errors.New("container.linux_info.bounding_capabilities: its kernel gives root all of them, and users none: want the effective ones, and no user")
	}
	if len(order.Given.Nodes) > 0 {
		return errors.New("resources, gpus: its kernel is its own, and knows none of the machine's: want another containerizer")
	}
	if slices.ContainsFunc(order.Mounts, func(m boot.Mount) bool { return m.From != "" }) {
		return errors.New("container.linux_info.ipc_mode: its kernel is its own: want PRIVATE")
	}
	return nil
}
