package allocator

import (
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// limited cuts r, free resources without allocation info, down to the room that
// the client's quotas leave, entry by entry in their order. Plain scalars are cut
// to what fits; volumes and other disks of their own are kept whole or left out;
// ports and sets are not limited.
func limited(cl *client, r resources.Resources) resources.Resources {
	rooms := make([]room, len(cl.quotas))
	for i, q := range cl.quotas {
		rooms[i] = room{q: q}
	}
	var cuts map[int]resources.Quantity // what fits, by index of the entry
	i := 0
	for e := range r.All() {
		fits := e.Quantity()
		for k := range rooms {
			fits = min(fits, rooms[k].left(e))
		}
		if fits < e.Quantity() {
			if e.Disk() != nil {
				fits = 0
			}
			if cuts == nil {
				cuts = map[int]resources.Quantity{}
			}
			cuts[i] = fits
		}
		for k := range rooms {
			rooms[k].take(e, fits)
		}
		i++
	}
	if cuts == nil {
		return r
	}
	return cut(r, cuts)
}

// room is what a quota leaves, less what was promised while one offer is made.
type room struct {
	q     *quota
	taken map[string]resources.Quantity
}

// left is how much of e, at most all, the quota allows.
func (m *room) left(e resources.Resource) resources.Quantity {
	limit, ok := m.q.limits[e.Name()]
	if !ok || e.IsRevocable() || m.q.owns(e) {
		return e.Quantity()
	}
	return min(e.Quantity(), max(0, limit-m.q.used[e.Name()]-m.taken[e.Name()]))
}

func (m *room) take(e resources.Resource, q resources.Quantity) {
	if _, ok := m.q.limits[e.Name()]; !ok || q == 0 || e.IsRevocable() || m.q.owns(e) {
		return
	}
	if m.taken == nil {
		m.taken = map[string]resources.Quantity{}
	}
	m.taken[e.Name()] += q
}

// cut makes r with some of its entries reduced to the given amounts.
func cut(r resources.Resources, cuts map[int]resources.Quantity) resources.Resources {
	kept := filterIndex(r, func(i int) bool { _, is := cuts[i]; return !is })
	for i := range r.Len() {
		if q := cuts[i]; q > 0 {
			whole := filterIndex(r, func(k int) bool { return k == i })
			kept = kept.Add(withQuantity(whole, q))
		}
	}
	return kept
}

func filterIndex(r resources.Resources, keep func(i int) bool) resources.Resources {
	i := -1
	return r.Filter(func(resources.Resource) bool { i++; return keep(i) })
}

// withQuantity is the one plain scalar in r with another amount.
func withQuantity(r resources.Resources, q resources.Quantity) resources.Resources {
	m := proto.CloneOf(r.Proto()[0])
	m.Scalar = &v1.Value_Scalar{Value: proto.Float64(q.Float())}
	out, err := resources.FromProto([]*v1.Resource{m})
	if err != nil {
		panic("allocator: part of a valid resource is not valid: " + err.Error())
	}
	return out
}
