package oci

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"mesos/actors/containerizer/program"
	"mesos/actors/containerizer/shimv2"
	"mesos/isolators"
)

// Shim is an OCI runtime that is a shim of containerd.
type Shim struct {
	Runner  string         // path of mesos-oci
	Path    string         // of the shim
	Options shimv2.Options // of that kind of shims
}

var (
	_ program.Maker  = (*Shim)(nil)
	_ program.Failer = (*Shim)(nil)
)

// Kata is what the runtime of Kata Containers is called in full.
const Kata = "io.containerd.kata.v2"

// ShimProgram is the program of a runtime that is called io.containerd.NAME.vN; false
// if it is not called so.
func ShimProgram(runtime string) (program string, is bool) {
	if runtime == "kata" {
		runtime = Kata
	}
	parts := strings.Split(runtime, ".")
	if len(parts) < 4 || parts[0] != "io" || parts[1] != "containerd" || slices.Contains(parts, "") || strings.Contains(runtime, "/") {
		return "", false
	}
	return "containerd-shim-" + strings.Join(parts[len(parts)-2:], "-"), true
}

// NewShim is the runtime of that name, with what it may be told: the path of a file
// of settings, or of the program that a shim of runc calls. runner is the path of
// mesos-oci, root where a shim of runc keeps what it knows.
func NewShim(runtime string, arguments []string, runner, root string) (*Shim, error) {
	name, is := ShimProgram(runtime)
	if !is {
		return nil, fmt.Errorf("runtime %q: want a name like %s", runtime, Kata)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, &isolators.MissingError{Feature: "shim of the runtime " + runtime, Needs: "the program " + name + " in PATH" + kataHint(name), Err: err}
	}
	s := &Shim{Runner: runner, Path: path}
	if s.kata() {
		if err := virtual("/dev/kvm"); err != nil {
			return nil, err
		}
	}
	if len(arguments) > 1 {
		return nil, fmt.Errorf("runtime %q: got the arguments %q, want one at most: a path", runtime, arguments)
	}
	argument := strings.Join(arguments, "")
	switch {
	case s.is("runc"):
		s.Options = shimv2.Runc(root, argument)
	case argument != "":
		s.Options = shimv2.Configured(argument)
	}
	return s, nil
}

func kataHint(name string) string {
	if strings.HasPrefix(name, "containerd-shim-kata-") {
		return ", which Kata Containers brings"
	}
	return ""
}

func (m *Shim) is(name string) bool {
	return strings.HasPrefix(filepath.Base(m.Path), "containerd-shim-"+name+"-")
}

func (m *Shim) kata() bool { return m.is("kata") }

// Name implements program.Maker.
func (*Shim) Name() string { return "oci" }

// Apart implements program.Maker.
func (m *Shim) Apart() bool { return m.kata() || m.is("runsc") }

// Make implements program.Maker.
func (m *Shim) Make(b *program.Bundle) ([]string, error) {
	if err := writeConfig(b, m.Apart()); err != nil {
		return nil, err
	}
	o := &shimv2.Order{Program: m.Path, ID: b.ID, Dir: b.Dir, TTY: b.TTY, Options: m.Options}
	return []string{m.Runner, "run", b.Dir}, o.Write()
}

// Enter implements program.Maker.
func (m *Shim) Enter(b *program.Bundle, s *program.Session) ([]string, error) {
	text, err := processOf(s, m.Apart())
	if err != nil {
		return nil, err
	}
	file := sessionFile(b, s)
	return []string{m.Runner, "exec", b.Dir, file}, (&shimv2.Session{ID: s.ID, Process: text, TTY: s.TTY}).Write(file)
}

// Forget implements program.Maker.
func (*Shim) Forget(ctx context.Context, b *program.Bundle) error { return shimv2.Forget(ctx, b.Dir) }

// Failed implements program.Failer.
func (*Shim) Failed(b *program.Bundle) string { return shimv2.Failure(b.Dir) }
