package view

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// role is what is told of one role. Amounts include those of the roles below it.
type role struct {
	name                         string
	frameworks                   []string // subscribed to exactly this role
	allocated, offered, reserved resources.Accumulator
	consumed                     resources.Accumulator // of a quota: allocated, or reserved and not allocated
}

// Roles writes /roles.
func (c *Cluster) Roles(j *writer) {
	j.Object(func() {
		jsonwriter.List(j, "roles", c.roles(), func(j *writer, r *role) {
			held := r.held()
			j.Object(func() {
				j.Field("name", r.name)
				j.Field("weight", c.weight(r.name))
				j.Field("quota", func() {
					j.Object(func() {
						j.Field("role", r.name)
						scalars(j, "guarantee", c.Quotas[r.name].GetGuarantees())
						scalars(j, "limit", c.Quotas[r.name].GetLimits())
						amounts(j, "consumed", r.consumed.Resources())
					})
				})
				amounts(j, "resources", held)
				amounts(j, "allocated", r.allocated.Resources())
				amounts(j, "offered", r.offered.Resources())
				amounts(j, "reserved", r.reserved.Resources())
				j.Field("frameworks", r.frameworks)
			})
		})
	})
}

// weight is 1 for roles whose weight was not set.
func (c *Cluster) weight(role string) float64 {
	if w, ok := c.Weights[role]; ok {
		return w
	}
	return 1
}

func (r *role) held() resources.Resources { return r.allocated.Resources().Add(r.offered.Resources()) }

// RoleProtos is GET_ROLES.
func (c *Cluster) RoleProtos() []*v1.Role {
	var out []*v1.Role
	for _, r := range c.roles() {
		m := &v1.Role{Name: proto.String(r.name), Weight: proto.Float64(c.weight(r.name))}
		for _, id := range r.frameworks {
			m.Frameworks = append(m.Frameworks, ids.Framework(id))
		}
		for name, q := range r.held().Quantities().All() {
			m.Resources = append(m.Resources, &v1.Resource{
				Name: proto.String(name), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(q.Float())},
			})
		}
		out = append(out, m)
	}
	return out
}

// roles are the known ones by name: those with frameworks, reservations, a quota
// or a weight, and those above them.
func (c *Cluster) roles() []*role {
	if c.whole != nil {
		return c.seenRoles()
	}
	known := map[string]*role{}
	each := func(name string, f func(*role)) {
		for _, n := range lineage(name) {
			if known[n] == nil {
				known[n] = &role{name: n}
			}
			f(known[n])
		}
	}
	for _, f := range c.Frameworks {
		for _, name := range f.Roles {
			each(name, func(*role) {})
			known[name].frameworks = append(known[name].frameworks, f.ID)
		}
	}
	for name := range c.Quotas {
		each(name, func(*role) {})
	}
	for name := range c.Weights {
		each(name, func(*role) {})
	}
	used := map[string]*resources.Accumulator{} // reserved and allocated, by agent and role of reservation
	for id, t := range c.added().frameworks {
		_ = id
		for name, r := range t.used.Resources().Allocations() {
			each(name, func(x *role) { x.allocated.Add(r); x.consumed.Add(r) })
		}
		for name, r := range t.offered.Resources().Allocations() {
			each(name, func(x *role) { x.offered.Add(r) })
		}
		for name, r := range t.used.Resources().Unallocate().Reservations() {
			if used[name] == nil {
				used[name] = &resources.Accumulator{}
			}
			used[name].Add(r)
		}
	}
	total := map[string]*resources.Accumulator{}
	for _, a := range c.Agents {
		for name, r := range a.Total.Reservations() {
			if total[name] == nil {
				total[name] = &resources.Accumulator{}
			}
			total[name].Add(r)
		}
	}
	for name, sum := range total {
		reserved := sum.Resources()
		idle := reserved
		if u := used[name]; u != nil {
			idle = idle.Sub(u.Resources())
		}
		each(name, func(x *role) { x.reserved.Add(reserved); x.consumed.Add(idle) })
	}
	var out []*role
	for _, name := range slices.Sorted(maps.Keys(known)) {
		slices.Sort(known[name].frameworks)
		out = append(out, known[name])
	}
	return out
}

// lineage is a role and the roles above it: a/b/c, a/b, a.
func lineage(name string) []string {
	out := []string{name}
	for i := strings.LastIndexByte(name, '/'); i > 0; i = strings.LastIndexByte(name[:i], '/') {
		out = append(out, name[:i])
	}
	return out
}

// amounts writes plain numbers by name: scalars as they are, ranges and sets as
// how many they hold.
func amounts(j *writer, key string, r resources.Resources) {
	sums := map[string]float64{}
	for e := range r.All() {
		switch e.Type() {
		case v1.Value_SCALAR:
			// Quantity, below: a shared volume counts once there.
		case v1.Value_RANGES:
			for _, x := range e.Ranges() {
				sums[e.Name()] += float64(x.End-x.Begin) + 1
			}
		default:
			sums[e.Name()] += float64(len(e.Items()))
		}
	}
	for name, q := range r.Quantities().All() {
		sums[name] = q.Float()
	}
	j.Field(key, func() {
		j.Object(func() {
			for _, name := range slices.Sorted(maps.Keys(sums)) {
				j.Field(name, sums[name])
			}
		})
	})
}
