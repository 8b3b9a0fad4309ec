package resources

import (
	"maps"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// naive is resource arithmetic written to be obviously right and nothing else:
// an entry per identity, an integer per scalar, a set of whole numbers per range
// list. Identities are the printed message without what is an amount.
type naive map[string]*naiveEntry

type naiveEntry struct {
	like  *v1.Resource // post-refinement, without amount
	sum   int64        // scalar thousandths, or copies of an indivisible disk
	size  int64        // thousandths of one copy
	whole bool         // indivisible
	ports map[uint64]bool
	items map[string]bool
}

func (e *naiveEntry) empty() bool { return e.sum == 0 && len(e.ports) == 0 && len(e.items) == 0 }

// naiveFrom takes valid messages.
func naiveFrom(ms []*v1.Resource) naive {
	n := naive{}
	for _, m := range ms {
		e := naiveEntryFrom(m)
		if !e.empty() {
			n = n.add(naive{e.id(): e})
		}
	}
	return n
}

func naiveEntryFrom(m *v1.Resource) *naiveEntry {
	m = proto.CloneOf(m)
	e := &naiveEntry{like: m, ports: map[uint64]bool{}, items: map[string]bool{}}
	if len(m.Reservations) == 0 && m.GetRole() != "*" {
		r := &v1.Resource_ReservationInfo{Type: static.Enum()}
		if m.Reservation != nil {
			r = m.Reservation
			r.Type = dynamic.Enum()
		}
		r.Role = m.Role
		m.Reservations = append(m.Reservations, r)
	}
	m.Role, m.Reservation = nil, nil
	for _, r := range m.Reservations {
		naiveSort(r.Labels)
	}
	naiveSort(m.Disk.GetSource().GetMetadata())
	if m.Disk != nil {
		m.Disk.Volume = nil
		if m.Disk.Persistence != nil {
			m.Disk.Persistence.Principal = nil
		}
	}
	source := m.Disk.GetSource()
	e.whole = m.Disk.GetPersistence() != nil || strings.Contains("MOUNT BLOCK", source.GetType().String()) ||
		source.GetType().String() == "RAW" && source.Id != nil
	switch n := int64(math.Round(m.GetScalar().GetValue() * 1000)); {
	case e.whole && n > 0:
		e.sum, e.size = 1, n
		m.Scalar.Value = proto.Float64(float64(n) / 1000)
	default:
		e.sum = n
		m.Scalar = nil
	}
	for _, r := range m.GetRanges().GetRange() {
		for p := r.GetBegin(); p <= r.GetEnd(); p++ {
			e.ports[p] = true
		}
	}
	for _, s := range m.GetSet().GetItem() {
		e.items[s] = true
	}
	m.Ranges, m.Set = nil, nil
	return e
}

func naiveSort(l *v1.Labels) {
	slices.SortFunc(l.GetLabels(), func(a, b *v1.Label) int {
		return strings.Compare(prototext.MarshalOptions{}.Format(a), prototext.MarshalOptions{}.Format(b))
	})
}

// id is not stable between runs of the program, as prototext is not; it need not be.
func (e *naiveEntry) id() string { return e.like.String() }

func (e *naiveEntry) clone() *naiveEntry {
	c := *e
	c.like, c.ports, c.items = proto.CloneOf(e.like), maps.Clone(e.ports), maps.Clone(e.items)
	return &c
}

func (n naive) clone() naive {
	c := naive{}
	for id, e := range n {
		c[id] = e.clone()
	}
	return c
}

func (n naive) add(o naive) naive {
	c := n.clone()
	for id, e := range o.clone() {
		old, ok := c[id]
		if !ok {
			c[id] = e
			continue
		}
		old.sum += e.sum
		maps.Copy(old.ports, e.ports)
		maps.Copy(old.items, e.items)
	}
	return c
}

func (n naive) sub(o naive) naive {
	c := n.clone()
	for id, e := range o {
		old, ok := c[id]
		if !ok {
			continue
		}
		old.sum = max(0, old.sum-e.sum)
		for p := range e.ports {
			delete(old.ports, p)
		}
		for s := range e.items {
			delete(old.items, s)
		}
		if old.empty() {
			delete(c, id)
		}
	}
	return c
}

func (n naive) contains(o naive) bool {
	for id, e := range o {
		old, ok := n[id]
		if !ok || old.sum < e.sum {
			return false
		}
		for p := range e.ports {
			if !old.ports[p] {
				return false
			}
		}
		for s := range e.items {
			if !old.items[s] {
				return false
			}
		}
	}
	return true
}

func (n naive) filter(keep func(*v1.Resource) bool) naive {
	c := naive{}
	for id, e := range n.clone() {
		if keep(e.like) {
			c[id] = e
		}
	}
	return c
}

func (n naive) allocate(role string) naive {
	c := naive{}
	for _, e := range n.clone() {
		e.like.AllocationInfo = nil
		if role != "" {
			e.like.AllocationInfo = &v1.Resource_AllocationInfo{Role: &role}
		}
		c = c.add(naive{e.id(): e})
	}
	return c
}

// scalar sums like Resources.Scalar.
func (n naive) scalar(name string) int64 {
	var sum int64
	for _, e := range n {
		switch {
		case e.like.GetName() != name:
		case e.like.Shared != nil:
			sum += e.size
		case e.whole:
			sum += e.size * e.sum
		default:
			sum += e.sum
		}
	}
	return sum
}

func (n naive) equal(o naive) bool { return n.contains(o) && o.contains(n) }

// lastRole is the role of the last reservation.
func lastRole(m *v1.Resource) string {
	if len(m.Reservations) == 0 {
		return "*"
	}
	return m.Reservations[len(m.Reservations)-1].GetRole()
}
