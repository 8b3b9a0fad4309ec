package oci

import (
	"strings"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/program"
)

// options of mounts by their flags.
var options = []struct {
	flag uintptr
	name string
}{{unix.MS_RDONLY, "ro"}, {unix.MS_NOSUID, "nosuid"}, {unix.MS_NODEV, "nodev"}, {unix.MS_NOEXEC, "noexec"}}

// mountsOf are what a runtime mounts that brings a kernel: file systems of that.
func mountsOf(b *program.Bundle) []mount {
	out := []mount{}
	for _, m := range b.Mounts {
		list := []string{}
		for _, o := range options {
			if m.Flags&o.flag != 0 {
				list = append(list, o.name)
			}
		}
		if m.Data != "" {
			list = append(list, strings.Split(m.Data, ",")...)
		}
		out = append(out, mount{m.Target, m.Type, m.Source, list})
	}
	return out
}
