package program

import (
	"os"
	"path/filepath"

	"mesos/isolators/cgroups"
)

// Outsider is a Maker whose program may put containers into no cgroup of version 2 where there are those of version 1,
// too. Then mesos-init goes there, if somebody has made one around the container's: who counts by it.
type Outsider interface {
	// Outside says so.
	Outside() bool
}

// inside is the directory of the cgroup that mesos-init enters; "" for none.
func (r *Runtime) inside(id string) string {
	l := r.o.Layout
	if o, may := r.o.Maker.(Outsider); !may || !o.Outside() || l.V2 == "" || len(l.V1) == 0 {
		return ""
	}
	around := filepath.Join(l.V2, cgroups.Within(r.o.Group, id))
	if _, err := os.Stat(around); err != nil {
		return ""
	}
	return filepath.Join(around, "inside")
}
