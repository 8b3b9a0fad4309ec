package job

import (
	"strings"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// amount is so much of one resource; need is what an instance takes.
type (
	amount struct {
		name     string
		quantity resources.Quantity
	}
	need []amount
)

// String is like "cpus 0.1, mem 32 MB".
func (n need) String() string {
	var out []string
	for _, a := range n {
		if a.quantity == 0 {
			continue
		}
		text := a.name + " " + a.quantity.String()
		if a.name != "cpus" {
			text += " MB"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// pick takes what is needed out of an offer, first of what is reserved, then of the rest; false if it does not fit.
// Revocable resources and disks with a source or a volume are left alone.
func pick(offered resources.Resources, n need) (resources.Resources, bool) {
	var picked []*v1.Resource
	for _, a := range n {
		missing := a.quantity
		for _, reserved := range []bool{true, false} {
			for e := range offered.All() {
				if missing == 0 || e.Name() != a.name || e.IsReserved() != reserved || !plain(e) {
					continue
				}
				part := min(missing, e.Quantity())
				missing -= part
				m := e.Proto() // keeps reservations and allocation
				m.Scalar = &v1.Value_Scalar{Value: proto.Float64(part.Float())}
				picked = append(picked, m)
			}
		}
		if missing > 0 {
			return resources.Resources{}, false
		}
	}
	r, err := resources.FromProto(picked)
	return r, err == nil && offered.Contains(r)
}

func plain(e resources.Resource) bool {
	return e.Type() == v1.Value_SCALAR && !e.IsRevocable() && !e.IsShared() && e.Disk() == nil
}
