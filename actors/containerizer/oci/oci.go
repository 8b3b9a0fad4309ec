// Package oci tells an OCI runtime how to make containers: it writes the bundle's
// config.json, and gives the command lines. There are two kinds of runtimes: a [Maker]
// has a command line of its own (runc, crun, runsc), a [Shim] is one of containerd's
// (Kata's), which mesos-oci has a command line for. It knows nothing of tasks and
// starts nothing but what forgets a container; package program calls it.
//
// What is tested: runc, crun and runsc (with --platform=ptrace), and of the shims
// containerd-shim-runc-v2 1.6, in whole clusters: the same tasks with the same words in
// the end, task groups, limits, terminals and commands beside a task, kill and restart of
// the agent, and that nothing is left. crun 1.8 does not tell a terminal's size to its
// containers. Kata speaks to the agent as that shim does, and its containers are
// arranged as gVisor's, which have a kernel of their own, too; but Kata itself has never
// run here: there was no machine whose KVM runs anything. What is shown of it is the error of an agent
// where Kata's shim or /dev/kvm is missing.
package oci

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/program"
)

// Maker is an OCI runtime with a command line.
type Maker struct {
	Path  string   // of the program
	Flags []string // of its own, before every command
	Root  string   // directory in which the runtime keeps what it knows
	// Before is a command line that executes the runtime's; empty for none.
	Before []string
}

var _ program.Maker = (*Maker)(nil)

// Name implements program.Maker.
func (*Maker) Name() string { return "oci" }

// Apart implements program.Maker: gVisor and Kata bring a kernel.
func (m *Maker) Apart() bool { return m.is("runsc") || m.is("kata") }

// is says that the program is a runtime, or a variant of it.
func (m *Maker) is(name string) bool { return strings.HasPrefix(filepath.Base(m.Path), name) }

// command is a command line of the runtime.
func (m *Maker) command(words ...string) []string {
	return slices.Concat(m.Before, []string{m.Path, "--root", m.Root}, m.Flags, words)
}

// Make implements program.Maker.
func (m *Maker) Make(b *program.Bundle) ([]string, error) {
	if err := writeConfig(b, m.Apart()); err != nil {
		return nil, err
	}
	words := []string{"run", "--bundle", b.Dir, b.ID}
	if m.is("runsc") && b.Clone&unix.CLONE_NEWNET == 0 && b.Enters(unix.CLONE_NEWNET) == "" {
		words = append([]string{"--network=host"}, words...) // it would have none
	}
	return m.command(words...), nil
}

// Enter implements program.Maker. The process is in a file of the container's
// directory, which goes with it.
func (m *Maker) Enter(b *program.Bundle, s *program.Session) ([]string, error) {
	text, err := processOf(s, m.Apart())
	if err != nil {
		return nil, err
	}
	file := sessionFile(b, s)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	argv := m.command("exec", "--process", file, b.ID)
	if b.Inside != "" && !m.Apart() { // where it is no process of this machine
		const enter = `echo 0 >"$1/cgroup.procs" && shift && exec "$@"`
		argv = append([]string{"/bin/sh", "-c", enter, "sh", b.Inside}, argv...)
	}
	return argv, nil
}

// Forget implements program.Maker.
func (m *Maker) Forget(ctx context.Context, b *program.Bundle) error {
	if known, err := filepath.Glob(filepath.Join(m.Root, b.ID+"*")); err != nil || len(known) == 0 {
		return err
	}
	argv := m.command("delete", "--force", b.ID)
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
	if err != nil && !bytes.Contains(out, []byte("does not exist")) {
		return fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, bytes.TrimSpace(out))
	}
	return nil
}
