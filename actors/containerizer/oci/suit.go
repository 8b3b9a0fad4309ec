package oci

import (
	"os/exec"

	"mesos/actors/containerizer/program"
	"mesos/isolators"
	"mesos/isolators/cgroup"
)

var _, _ program.Outsider = (*Maker)(nil), (*Shim)(nil)

// Suit has the runtime do on a machine with these cgroups. crun makes no containers
// where it finds controllers in both versions; it does where it does not find those
// of version 2, which nothing here depends on beside those of version 1.
func (m *Maker) Suit(l *cgroup.Layout) error {
	if !m.is("crun") || len(l.V1) == 0 || len(l.V2Controllers) == 0 {
		return nil
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		return &isolators.MissingError{Feature: "program unshare", Needs: "the package util-linux", Err: err}
	}
	const hide = `umount -l "$1" && shift && exec "$@"`
	m.Before = []string{unshare, "--mount", "--propagation", "slave", "/bin/sh", "-c", hide, "sh", l.V2}
	return nil
}

// Outside implements program.Outsider: crun, where it does not find version 2, and runtimes with a kernel of their own,
// which is a process that version 1 is enough for.
func (m *Maker) Outside() bool { return len(m.Before) > 0 || m.Apart() }

// Outside implements program.Outsider.
func (m *Shim) Outside() bool { return m.Apart() }
