package lxc

import (
	"errors"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/program"
	"mesos/isolators/boot"
)

// kinds of namespaces by their flags, as LXC calls them.
var kinds = []struct {
	flag uintptr
	name string
}{{unix.CLONE_NEWNS, "mnt"}, {unix.CLONE_NEWPID, "pid"}, {unix.CLONE_NEWIPC, "ipc"}, {unix.CLONE_NEWUTS, "uts"}, {unix.CLONE_NEWNET, "net"}}

// errFrom is of a mount that is looked up in another container's /proc, which LXC has replaced.
var errFrom = errors.New("container.linux_info.ipc_mode: a container of lxc cannot share the /dev/shm of the one around it: want PRIVATE")

// namespaces are the lines about them: those that the container has of its own, and
// those of others. LXC takes a path of another only below /proc, where every file can
// be found, too.
func namespaces(b *program.Bundle) (lines [][2]string, err error) {
	if slices.ContainsFunc(b.Mounts, func(m boot.Mount) bool { return m.From != "" }) {
		return nil, errFrom
	}
	var own []string
	for _, k := range kinds {
		if path := b.Enters(k.flag); path != "" {
			lines = append(lines, [2]string{"namespace.share." + k.name, "/proc/self/root" + path})
			own = append(own, k.name)
		} else if b.Clone&k.flag != 0 {
			own = append(own, k.name)
		}
	}
	network := "none"
	if b.Clone&unix.CLONE_NEWNET != 0 {
		network = "empty"
	}
	lines = append(lines, [2]string{"namespace.clone", strings.Join(own, " ")}, [2]string{"net.0.type", network})
	if b.Clone&unix.CLONE_NEWUTS == 0 {
		return lines, nil
	}
	name := b.Hostname
	if name == "" {
		if name, err = os.Hostname(); err != nil {
			return nil, err
		}
	}
	return append(lines, [2]string{"uts.name", name}), nil
}
