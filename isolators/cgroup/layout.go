package cgroup

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// Layout is where a machine has which controllers. Both versions may be there,
// with each controller in one of them.
type Layout struct {
	V1            map[string]string // controller to the mount point of its hierarchy
	V2            string            // mount point; "" without one
	V2Controllers []string
	Named         []string // mount points of v1 hierarchies that have a name in place of controllers: systemd's
	Kernel        Kernel
}

// Probe finds the hierarchies that are mounted at or below a directory
// (--cgroups_hierarchy). It mounts nothing.
func Probe(hierarchy string) (*Layout, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l, err := parseMounts(f, hierarchy)
	if err != nil {
		return nil, err
	}
	if l.V2 != "" {
		text, err := os.ReadFile(filepath.Join(l.V2, "cgroup.controllers"))
		if err != nil {
			return nil, fmt.Errorf("controllers of cgroup v2: %w", err)
		}
		l.V2Controllers = strings.Fields(string(text))
	}
	if l.V2 == "" && len(l.V1) == 0 {
		return nil, &isolators.MissingError{Feature: "cgroup hierarchy at " + hierarchy, Needs: "cgroup v1 or v2 mounted there"}
	}
	l.Kernel = System{}
	return l, nil
}

// parseMounts reads lines of mountinfo: "36 35 0:30 / /mount opts shared:1 - cgroup cgroup rw,cpu,cpuacct".
func parseMounts(r io.Reader, hierarchy string) (*Layout, error) {
	l := &Layout{V1: make(map[string]string)}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		mount, super, ok := strings.Cut(lines.Text(), " - ")
		fields, kind := strings.Fields(mount), strings.Fields(super)
		if !ok || len(fields) < 5 || len(kind) < 3 {
			continue
		}
		at := unescape.Replace(fields[4])
		if rel, err := filepath.Rel(hierarchy, at); err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
			continue
		}
		switch kind[0] {
		case "cgroup2":
			if l.V2 == "" {
				l.V2 = at
			}
		case "cgroup":
			for _, o := range strings.Split(kind[2], ",") {
				if strings.HasPrefix(o, "name=") && !slices.Contains(l.Named, at) {
					l.Named = append(l.Named, at)
				}
				if _, twice := l.V1[o]; !twice && !slices.Contains(notControllers, o) && !strings.Contains(o, "=") {
					l.V1[o] = at
				}
			}
		}
	}
	return l, lines.Err()
}

// notControllers are the options of a v1 mount that name no controller.
var notControllers = []string{"rw", "ro", "xattr", "noprefix", "clone_children", "cpuset_v2_mode", "none"}

// unescape undoes how mountinfo writes blanks.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// Version says which version has all of the controllers that a feature needs in
// one or the other: v1 is taken where it is mounted, for then v2 lacks them.
// Else the error is a *isolators.MissingError.
func (l *Layout) Version(v1, v2 []string) (int, error) {
	missing := ""
	for _, c := range v1 {
		if l.V1[c] == "" {
			missing = c
		}
	}
	if missing == "" && len(v1) > 0 {
		return 1, nil
	}
	if l.V2 != "" && !slices.ContainsFunc(v2, func(c string) bool { return !slices.Contains(l.V2Controllers, c) }) {
		return 2, nil
	}
	return 0, &isolators.MissingError{Feature: "cgroup controller " + missing, Needs: "its v1 hierarchy mounted, or v2 with " + strings.Join(v2, ", ")}
}

// Writable leaves hierarchies out that this program must not write to.
func (l *Layout) Writable() {
	ok := func(at string) bool { return unix.Access(at, unix.W_OK) == nil }
	maps.DeleteFunc(l.V1, func(_, at string) bool { return !ok(at) })
	l.Named = slices.DeleteFunc(l.Named, func(at string) bool { return !ok(at) })
	if l.V2 != "" && !ok(l.V2) {
		l.V2, l.V2Controllers = "", nil
	}
}

// CanKill says whether there is a hierarchy that can kill or stop all in a cgroup
// at once; else what is missing.
func (l *Layout) CanKill() error {
	if l.V2 != "" || l.V1["freezer"] != "" {
		return nil
	}
	return &isolators.MissingError{Feature: "cgroups to hold processes", Needs: "the v1 freezer or v2 mounted, and the right to write there"}
}

// Mounts are where the hierarchies are, each once.
func (l *Layout) Mounts() []string {
	out := slices.Collect(maps.Values(l.V1))
	if l.V2 != "" {
		out = append(out, l.V2)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
