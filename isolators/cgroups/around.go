package cgroups

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"mesos/isolators/cgroup"
)

// bequeathed are the subsystems whose values a cgroup has from the one around it: set there, they hold
// for what a program makes within. The others a program is told of.
var bequeathed = []string{"cpuset", "hugetlb", "net_cls"}

// Bequeathed are their isolators as Names has them.
func Bequeathed() (names []string) {
	for _, s := range bequeathed {
		names = append(names, prefix+s)
	}
	return names
}

// NewAround makes an isolator whose cgroups are those around containers that another program makes: in every
// hierarchy one for each, that is there before the container is, and in which the program makes its own. So
// what a container inherits holds from its first moment, and who counts by cgroup has a place to look at. It puts
// no process there and kills none: both is the program's, and what is not empty stays. Options.Asked says what it does
// of what can be inherited. Errors are those of New.
func NewAround(layout *cgroup.Layout, o Options) (*Isolator, error) {
	var names []string
	for _, s := range bequeathed {
		if slices.Contains(o.Asked, prefix+s) {
			names = append(names, prefix+s)
		}
	}
	i, err := New(layout, o, names...)
	if err == nil && slices.Contains(o.Asked, All) {
		err = i.addAll(layout, o)
	}
	if err != nil {
		return nil, err
	}
	i.around = true
	for c, at := range layout.V1 {
		var made func(cgroup.Dir) error
		if c == "cpuset" {
			made = bequeathCPUSet
		}
		i.root(1, at, nil, made)
	}
	for _, at := range layout.Named {
		i.root(1, at, nil, nil)
	}
	if version, err := layout.Version([]string{"memory"}, []string{"memory"}); err == nil {
		at := layout.V2
		if version == 1 {
			at = layout.V1["memory"]
		}
		i.home["mem"] = i.root(version, at, nil, nil) // whose limits are the program's, further in
	}
	return i, nil
}

// addAll adds what the machine has.
func (i *Isolator) addAll(layout *cgroup.Layout, o Options) error {
	for _, s := range bequeathed {
		if _, err := layout.Version(subsystems[s].v1, subsystems[s].v2); err != nil || slices.Contains(i.names, s) {
			continue
		}
		if err := i.place(s); err != nil {
			return err
		}
		i.names = append(i.names, s)
	}
	slices.Sort(i.names)
	return nil
}

// bequeathCPUSet has those within get what a cgroup has, too: LXC relies on it.
func bequeathCPUSet(d cgroup.Dir) error {
	if err := inheritCPUSet(d); err != nil {
		return err
	}
	return d.Write("cgroup.clone_children", "1")
}

// Within is where the cgroup of a container is below a cgroup above all: "/mesos/a/mesos/b" of a.b.
func Within(above, id string) string {
	return root{Dir: cgroup.Dir{Path: filepath.Join("/", above)}}.below(id).Path
}

// leave removes what is empty of a container's cgroups.
func (i *Isolator) leave(id string) error {
	var errs []error
	for _, d := range i.dirs(id) {
		for _, one := range []cgroup.Dir{d.Below(within), d} {
			err := d.Kernel.Rmdir(one.Path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.EBUSY) && !errors.Is(err, unix.ENOTEMPTY) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// release ends what was made of a container: in all that is there, or in what is left empty.
func (i *Isolator) release(ctx context.Context, id string) error {
	if i.around {
		return i.leave(id)
	}
	return i.destroy(ctx, id)
}
