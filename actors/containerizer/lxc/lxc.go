// Package lxc tells LXC how to make containers: it writes their configuration, and
// gives the command lines of lxc-execute and lxc-attach. It knows nothing of tasks
// and starts nothing; package program calls it.
package lxc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mesos/actors/containerizer/program"
	"mesos/isolators"
)

// Maker is LXC.
type Maker struct {
	Execute, Attach string // paths of the programs lxc-execute and lxc-attach
	Path            string // directory in which LXC looks for containers
}

var _ program.Maker = (*Maker)(nil)

// Name implements program.Maker.
func (*Maker) Name() string { return "lxc" }

// Apart implements program.Maker.
func (*Maker) Apart() bool { return false }

// Make implements program.Maker.
func (m *Maker) Make(b *program.Bundle) ([]string, error) {
	text, err := configOf(b)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(m.Path, 0o700); err != nil {
		return nil, err
	}
	file := filepath.Join(b.Dir, "lxc.conf")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	return append([]string{m.Execute, "--name", b.ID, "--lxcpath", m.Path, "--rcfile", file, "--"}, b.Argv...), nil
}

// Enter implements program.Maker. LXC hands its environment on, and begins in a
// directory of its own choice.
func (m *Maker) Enter(b *program.Bundle, s *program.Session) ([]string, error) {
	argv := []string{m.Attach, "--name", b.ID, "--lxcpath", m.Path}
	if u := s.User; u != nil {
		argv = append(argv, "--uid", fmt.Sprint(u.UID), "--gid", fmt.Sprint(u.GID))
	}
	return append(append(argv, "--", "/bin/sh", "-c", `cd "$1" && shift && exec "$@"`, "sh", s.Dir), s.Argv...), nil
}

// Forget implements program.Maker: LXC keeps nothing of what lxc-execute has made.
func (m *Maker) Forget(_ context.Context, b *program.Bundle) error {
	return os.RemoveAll(filepath.Join(m.Path, b.ID))
}

// configOf is the configuration of a container, in lines.
func configOf(b *program.Bundle) (string, error) {
	lines := [][2]string{
		{"rootfs.path", "dir:" + b.Root},
		{"rootfs.options", "rbind"},
		{"autodev", "0"},
		{"pty.max", "0"},
		{"console.path", "none"},
		{"mount.auto", "proc:rw"},
		{"apparmor.profile", "unconfined"}, // what is mounted is for mesos-init to say
		{"cgroup.dir.container", strings.TrimPrefix(b.Group, "/")},
		{"cgroup.dir.monitor", strings.TrimPrefix(b.Monitor, "/")},
		{"cgroup.dir.monitor.pivot", strings.TrimPrefix(b.Monitor+"-last", "/")},
	}
	own, err := namespaces(b)
	if err != nil {
		return "", err
	}
	lines = append(lines, own...)
	lines = append(lines, limits(b)...)
	bounds, err := disks(b)
	if err != nil {
		return "", err
	}
	lines = append(lines, bounds...)
	var out strings.Builder
	for _, l := range lines {
		if strings.ContainsAny(l[1], "\n\x00") {
			return "", errors.New("lxc." + l[0] + ": a line of LXC's configuration holds no line break")
		}
		fmt.Fprintf(&out, "lxc.%s = %s\n", l[0], l[1])
	}
	return out.String(), nil
}

// limits are the lines about cgroups, of the version that has each controller.
func limits(b *program.Bundle) (lines [][2]string) {
	a := b.Limits
	set := func(controller, v1, v2 string, value1, value2 any) {
		switch b.Groups.Version(controller) {
		case 1:
			lines = append(lines, [2]string{"cgroup." + controller + "." + v1, fmt.Sprint(value1)})
		case 2:
			lines = append(lines, [2]string{"cgroup2." + controller + "." + v2, fmt.Sprint(value2)})
		}
	}
	const sharesOfOne, weightOfOne = 1024, 100
	set("cpu", "shares", "weight", a.Shares, max(1, a.Shares*weightOfOne/sharesOfOne))
	if a.Quota > 0 {
		if b.Groups.Version("cpu") == 1 {
			set("cpu", "cfs_period_us", "", a.Period, nil)
		}
		set("cpu", "cfs_quota_us", "max", a.Quota, fmt.Sprint(a.Quota, " ", a.Period))
	}
	if a.Mem != isolators.Unlimited {
		set("memory", "limit_in_bytes", "max", a.Mem, a.Mem)
	}
	if a.Soft != isolators.Unlimited {
		set("memory", "soft_limit_in_bytes", "low", a.Soft, a.Soft)
	}
	if a.PIDs > 0 {
		set("pids", "max", "max", a.PIDs, a.PIDs)
	}
	return append(lines, devices(b)...)
}

// devices are the lines about those that a container may use, without which it may all.
func devices(b *program.Bundle) (lines [][2]string) {
	if b.Devices == nil {
		return nil
	}
	prefix := "cgroup2.devices."
	if b.Groups.Version("devices") == 1 {
		prefix = "cgroup.devices."
	}
	lines = append(lines, [2]string{prefix + "deny", "a"})
	for _, d := range b.Devices {
		lines = append(lines, [2]string{prefix + "allow", d.String()})
	}
	return lines
}
