// Package oci tells an OCI runtime (runc, crun, runsc, kata) how to make
// containers: it writes the bundle's config.json, and gives the command lines. It
// knows nothing of tasks and starts nothing but the runtime's delete; package
// program calls it.
package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/program"
	"mesos/isolators"
)

// Maker is an OCI runtime.
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
	text, err := json.Marshal(configOf(b, m.Apart()))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(b.Dir, "config.json"), text, 0o600); err != nil {
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
	p := process{Terminal: s.TTY, Args: s.Argv, Env: s.Env, Cwd: s.Dir, Capabilities: all(m.Apart())}
	if u := s.User; u != nil {
		p.User = user{UID: u.UID, GID: u.GID, Groups: u.Groups}
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.Dir, "exec-"+s.ID+".json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	return m.command("exec", "--process", file, b.ID), nil
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

// config is what of an OCI runtime specification is set here.
type config struct {
	Version  string  `json:"ociVersion"`
	Process  process `json:"process"`
	Root     root    `json:"root"`
	Hostname string  `json:"hostname,omitempty"`
	Mounts   []mount `json:"mounts"`
	Linux    linux   `json:"linux"`
}

type root struct {
	Path string `json:"path"`
}

type process struct {
	Terminal     bool                `json:"terminal,omitempty"`
	User         user                `json:"user"`
	Args         []string            `json:"args"`
	Env          []string            `json:"env,omitempty"`
	Cwd          string              `json:"cwd"`
	Capabilities map[string][]string `json:"capabilities"`
}

type user struct {
	UID    int   `json:"uid"`
	GID    int   `json:"gid"`
	Groups []int `json:"additionalGids,omitempty"`
}

type mount struct {
	Destination string   `json:"destination"`
	Type        string   `json:"type"`
	Source      string   `json:"source"`
	Options     []string `json:"options"`
}

type linux struct {
	CgroupsPath string      `json:"cgroupsPath"`
	Namespaces  []namespace `json:"namespaces"`
	Resources   resources   `json:"resources"`
}

type namespace struct {
	Type string `json:"type"`
	Path string `json:"path,omitempty"`
}

type resources struct {
	Devices []device `json:"devices"`
	CPU     cpu      `json:"cpu"`
	Memory  memory   `json:"memory"`
}

type device struct {
	Allow  bool   `json:"allow"`
	Access string `json:"access"`
}

type cpu struct {
	Shares uint64 `json:"shares,omitempty"`
	Quota  int64  `json:"quota,omitempty"`
	Period int64  `json:"period,omitempty"`
}

type memory struct {
	Limit       int64 `json:"limit,omitempty"`
	Reservation int64 `json:"reservation,omitempty"`
}

// namespaces by their flags, as the specification calls them.
var namespaces = []struct {
	flag uintptr
	name string
}{{unix.CLONE_NEWNS, "mount"}, {unix.CLONE_NEWPID, "pid"}, {unix.CLONE_NEWIPC, "ipc"}, {unix.CLONE_NEWUTS, "uts"}, {unix.CLONE_NEWNET, "network"}, {unix.CLONE_NEWCGROUP, "cgroup"}}

// configOf is the config.json of a container. The devices of the machine are all
// there: which can be opened, the isolators say.
func configOf(b *program.Bundle, apart bool) *config {
	c := &config{
		Version: "1.0.2", Root: root{b.Root}, Hostname: b.Hostname,
		Process: process{Terminal: b.TTY, Args: b.Argv, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, Cwd: "/", Capabilities: all(apart)},
		// Without one for /dev, a runtime would fill the machine's own.
		Mounts: []mount{{"/dev", "bind", "/dev", []string{"rbind"}}},
		Linux:  linux{CgroupsPath: b.Group, Resources: resources{Devices: []device{{true, "rwm"}}, CPU: cpu{b.Limits.Shares, b.Limits.Quota, b.Limits.Period}}},
	}
	if apart {
		c.Mounts = mountsOf(b)
	}
	for _, n := range namespaces {
		if path := b.Enters(n.flag); b.Clone&n.flag != 0 || path != "" {
			c.Linux.Namespaces = append(c.Linux.Namespaces, namespace{n.name, path})
		}
	}
	if b.Limits.Mem != isolators.Unlimited {
		c.Linux.Resources.Memory.Limit = int64(b.Limits.Mem)
	}
	if b.Limits.Soft <= b.Limits.Mem && b.Limits.Soft != isolators.Unlimited {
		c.Linux.Resources.Memory.Reservation = int64(b.Limits.Soft)
	}
	return c
}
