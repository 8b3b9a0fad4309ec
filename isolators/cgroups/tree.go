package cgroups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"mesos/isolators"
	"mesos/isolators/cgroup"
)

const (
	leaf   = "leaf"  // where the processes of a v2 container are
	within = "mesos" // what holds the containers nested in one
)

// root is the cgroup above all containers in one hierarchy.
type root struct {
	cgroup.Dir
	mount       string
	controllers []string // to enable in v2
	made        []func(cgroup.Dir) error
	killer      bool // kills at once; so every container has a cgroup of its own here
}

// below is the cgroup of a container.
func (r root) below(id string) cgroup.Dir {
	d := r.Dir
	for n, part := range strings.Split(id, ".") {
		if n > 0 {
			d = d.Below(within)
		}
		d = d.Below(part)
	}
	return d
}

// place finds the hierarchies for a subsystem.
func (i *Isolator) place(name string) error {
	s := subsystems[name]
	version, err := i.layout.Version(s.v1, s.v2)
	if err != nil {
		return err
	}
	if s.check != nil {
		at := i.layout.V2
		if version == 1 {
			at = i.layout.V1[s.v1[0]]
		}
		if err := s.check(i.options, cgroup.Dir{Kernel: i.layout.Kernel, Version: version, Path: at}); err != nil {
			return err
		}
	}
	if version == 2 {
		if s.v2more != nil {
			if err := s.v2more.Missing(); err != nil {
				return err
			}
		}
		i.home[name] = i.root(2, i.layout.V2, s.v2, nil)
		return nil
	}
	for _, c := range s.v1 {
		i.home[c] = i.root(1, i.layout.V1[c], nil, s.made)
	}
	i.home[name] = i.home[s.v1[0]]
	return nil
}

// placeKiller adds what can kill a whole container at once, foremost.
func (i *Isolator) placeKiller() {
	if i.layout.V2 != "" {
		i.roots[i.root(2, i.layout.V2, nil, nil)].killer = true
	}
	if at := i.layout.V1["freezer"]; at != "" {
		i.roots[i.root(1, at, nil, nil)].killer = true
	}
}

// root finds or adds the one of a mount, and gives its index.
func (i *Isolator) root(version int, mount string, controllers []string, made func(cgroup.Dir) error) int {
	n := slices.IndexFunc(i.roots, func(r root) bool { return r.mount == mount })
	if n < 0 {
		n = len(i.roots)
		d := cgroup.Dir{Kernel: i.layout.Kernel, Version: version, Path: filepath.Join(mount, i.options.Root)}
		i.roots = append(i.roots, root{Dir: d, mount: mount})
	}
	r := &i.roots[n]
	for _, c := range controllers {
		if !slices.Contains(r.controllers, c) {
			r.controllers = append(r.controllers, c)
		}
	}
	if made != nil {
		r.made = append(r.made, made)
	}
	return n
}

// dir is the cgroup of a container in the hierarchy of a subsystem.
func (i *Isolator) dir(subsystem, id string) cgroup.Dir {
	return i.roots[i.home[subsystem]].below(id)
}

// dirs are all cgroups of a container, those that kill at once first.
func (i *Isolator) dirs(id string) []cgroup.Dir {
	var out []cgroup.Dir
	for _, r := range i.roots {
		d := r.below(id)
		if r.killer {
			out = slices.Insert(out, 0, d)
		} else {
			out = append(out, d)
		}
	}
	return out
}

// makeRoots makes the cgroups above all containers.
func (i *Isolator) makeRoots() error {
	for _, r := range i.roots {
		d := r.Dir
		d.Path = r.mount
		if err := r.enable(d); err != nil {
			return err
		}
		for _, part := range strings.Split(i.options.Root, "/") {
			d = d.Below(part)
			if err := r.ready(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// ready makes a cgroup that holds others, unless it is there.
func (r root) ready(d cgroup.Dir) error {
	if err := d.Ensure(); err != nil {
		return err
	}
	for _, f := range r.made {
		if err := f(d); err != nil {
			return err
		}
	}
	return r.enable(d)
}

// enable lets the cgroups below a v2 cgroup have controllers.
func (r root) enable(d cgroup.Dir) error {
	if r.Version != 2 || len(r.controllers) == 0 {
		return nil
	}
	text, err := d.Read("cgroup.subtree_control")
	if err != nil {
		return err
	}
	have := strings.Fields(text)
	for _, c := range r.controllers {
		if slices.Contains(have, c) {
			continue
		}
		if err := d.Write("cgroup.subtree_control", "+"+c); err != nil {
			return fmt.Errorf("controller %s for the cgroups of containers: %w", c, err)
		}
	}
	return nil
}

// makeDirs makes the cgroups of a container. They must not be there: one that
// was killed kills what enters it. One that shares its parent's limits has none
// but those that kill.
func (i *Isolator) makeDirs(id string, shared bool) error {
	up, nested := parent(id)
	for _, r := range i.roots {
		if shared && !r.killer && !i.around {
			continue
		}
		if nested {
			p := r.below(up)
			if err := r.enable(p); err != nil {
				return err
			}
			if err := r.ready(p.Below(within)); err != nil {
				return err
			}
		}
		d := r.below(id)
		if err := d.Make(); err != nil {
			return err
		}
		for _, f := range r.made {
			if err := f(d); err != nil {
				return err
			}
		}
		if i.around {
			if err := r.enable(d); err != nil {
				return err
			}
		} else if r.Version == 2 {
			if err := d.Below(leaf).Make(); err != nil {
				return err
			}
		}
	}
	return nil
}

// destroy kills and removes what a container has in every hierarchy. Most have
// ended by themselves: the kernel removes no cgroup in which something still runs.
func (i *Isolator) destroy(ctx context.Context, id string) error {
	dirs := i.dirs(id)
	if i.removeEnded(dirs) {
		return nil
	}
	if err := cgroup.Empty(ctx, dirs...); err != nil {
		return err
	}
	return cgroup.Remove(ctx, dirs...)
}

// removeEnded removes all cgroups of a container in which nothing is; false if
// something is left. It stops at the first: all others are still needed to kill it.
func (i *Isolator) removeEnded(dirs []cgroup.Dir) bool {
	for _, d := range dirs {
		if d.Version == 2 && d.Kernel.Rmdir(d.Below(leaf).Path) != nil {
			return false
		}
		if err := d.Kernel.Rmdir(d.Path); err != nil {
			return false
		}
	}
	return true
}

// found are the ids of containers that have a cgroup in any hierarchy, the
// deepest first.
func (i *Isolator) found() []string {
	ids := make(map[string]bool)
	var look func(d cgroup.Dir, up string)
	look = func(d cgroup.Dir, up string) {
		names, err := d.Children()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
		for _, n := range names {
			id := up + n
			ids[id] = true
			look(d.Below(n).Below(within), id+".")
		}
	}
	for _, r := range i.roots {
		look(r.Dir, "")
	}
	return slices.SortedFunc(maps.Keys(ids), func(a, b string) int { return strings.Compare(b, a) })
}

// adopt takes up a container of an earlier run.
func (i *Isolator) adopt(l isolators.Live) error {
	id := l.ID
	if err := checkID(id); err != nil {
		return err
	}
	exists := slices.ContainsFunc(i.roots, func(r root) bool { return r.below(id).Exists() })
	i.mu.Lock()
	defer i.mu.Unlock()
	g := &group{id: id, demand: l.Demand, limited: make(chan isolators.Limitation, 1)}
	up, nested := parent(id)
	if nested && (l.Shared || !exists) {
		g.within = i.groups[up]
	}
	if !exists && g.within == nil {
		return nil
	}
	i.groups[id] = g
	if g.within != nil {
		return nil
	}
	for _, name := range i.names {
		s, d := subsystems[name], i.dir(name, id)
		if s.keep != nil && d.Exists() {
			if err := s.keep(i.options, d, g); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, name, err)
			}
		}
	}
	return i.watch(g)
}

// watch begins to look out for a container's limitations.
func (i *Isolator) watch(g *group) error {
	for _, name := range i.names {
		s, d := subsystems[name], i.dir(name, g.id)
		if s.watch != nil && d.Exists() {
			if err := s.watch(i.options, d, g); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, name, err)
			}
		}
	}
	return nil
}
