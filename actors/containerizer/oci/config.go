package oci

import (
	"encoding/json"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer/program"
	"mesos/isolators"
	"mesos/isolators/cgroups"
)

// writeConfig writes the config.json of a container.
func writeConfig(b *program.Bundle, apart bool) error {
	text, err := json.Marshal(configOf(b, apart))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(b.Dir, "config.json"), text, 0o600)
}

// processOf is something to execute in a container, as the specification has it.
func processOf(s *program.Session, apart bool) ([]byte, error) {
	p := process{Terminal: s.TTY, Args: s.Argv, Env: s.Env, Cwd: s.Dir, Capabilities: all(apart)}
	if u := s.User; u != nil {
		p.User = user{UID: u.UID, GID: u.GID, Groups: u.Groups}
	}
	return json.Marshal(p)
}

// sessionFile has what is executed; it goes with the container's directory.
func sessionFile(b *program.Bundle, s *program.Session) string {
	return filepath.Join(b.Dir, "exec-"+s.ID+".json")
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
	PIDs    *pids    `json:"pids,omitempty"`
	BlockIO *blockIO `json:"blockIO,omitempty"`
}

type pids struct {
	Limit int64 `json:"limit"`
}

type device struct {
	Allow  bool   `json:"allow"`
	Type   string `json:"type,omitempty"`
	Major  *int64 `json:"major,omitempty"` // nil is any
	Minor  *int64 `json:"minor,omitempty"`
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

// configOf is the config.json of a container. The nodes of the machine's devices are
// all there.
func configOf(b *program.Bundle, apart bool) *config {
	c := &config{
		Version: "1.0.2", Root: root{b.Root}, Hostname: b.Hostname,
		Process: process{Terminal: b.TTY, Args: b.Argv, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, Cwd: "/", Capabilities: all(apart)},
		// Without one for /dev, a runtime would fill the machine's own.
		Mounts: []mount{{"/dev", "bind", "/dev", []string{"rbind"}}},
		Linux:  linux{CgroupsPath: b.Group, Resources: resources{Devices: devicesOf(b.Devices), CPU: cpu{b.Limits.Shares, b.Limits.Quota, b.Limits.Period}}},
	}
	if apart {
		c.Mounts = mountsOf(b)
	}
	c.Linux.Resources.BlockIO = blockIOOf(b.IOWeight, b.IO)
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
	if b.Limits.PIDs > 0 {
		c.Linux.Resources.PIDs = &pids{int64(b.Limits.PIDs)}
	}
	return c
}

// devicesOf are the rules for those that a container may use; nil is all.
func devicesOf(allowed []cgroups.Device) []device {
	rules := []device{{Allow: allowed == nil, Access: "rwm"}}
	for _, d := range allowed {
		rule := device{Allow: true, Type: string(d.Kind), Access: d.Access}
		if d.Major != cgroups.Any {
			rule.Major = &d.Major
		}
		if d.Minor != cgroups.Any {
			rule.Minor = &d.Minor
		}
		rules = append(rules, rule)
	}
	return rules
}
