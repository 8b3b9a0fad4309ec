package resources

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	v1 "mesos/messages/mesos/v1"
)

// TestModel walks through random operations on Resources and naive side by side.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{}
		t.Repeat(map[string]func(*rapid.T){
			"add":        m.add,
			"sub":        m.sub,
			"sub part":   m.subPart,
			"contains":   m.contains,
			"allocate":   m.allocate,
			"filter":     m.filter,
			"round trip": m.roundTrip,
			"":           m.check,
		})
		m.checkOld(t)
	})
}

// machine is the state of a run.
type machine struct {
	real  Resources
	model naive
	acc   Accumulator // follows real where it can
	old   []snapshot
}

// snapshot is a value seen earlier and what it printed then.
type snapshot struct {
	value Resources
	text  string
	ports []Range
}

func draw(t *rapid.T) (Resources, naive) {
	ms := drawMessages(t, "messages")
	before := cloneAll(ms)
	r, err := FromProto(ms)
	if err != nil {
		t.Fatalf("FromProto(%v): %v", ms, err)
	}
	for i := range ms {
		if !proto.Equal(ms[i], before[i]) {
			t.Fatalf("FromProto changed %v to %v", before[i], ms[i])
		}
	}
	return r, naiveFrom(ms)
}

func cloneAll(ms []*v1.Resource) []*v1.Resource {
	out := make([]*v1.Resource, len(ms))
	for i := range ms {
		out[i] = proto.CloneOf(ms[i])
	}
	return out
}

func (m *machine) set(real Resources, model naive) {
	m.old = append(m.old, snapshot{real, real.String(), slices.Clone(real.PortRanges("ports"))})
	m.real, m.model = real, model
}

func (m *machine) add(t *rapid.T) {
	r, n := draw(t)
	m.acc.Add(r)
	m.set(m.real.Add(r), m.model.add(n))
}

func (m *machine) sub(t *rapid.T) {
	r, n := draw(t)
	m.acc.Sub(r)
	m.set(m.real.Sub(r), m.model.sub(n))
}

// subPart takes away what is contained, and checks that adding it gives all back.
func (m *machine) subPart(t *rapid.T) {
	var part []*v1.Resource
	for _, p := range m.real.Proto() {
		if !rapid.Bool().Draw(t, "take") {
			continue
		}
		p = proto.CloneOf(p)
		if p.Scalar != nil && p.Disk == nil {
			n := rapid.Int64Range(0, int64(FromFloat(p.Scalar.GetValue()))).Draw(t, "part")
			p.Scalar.Value = proto.Float64(float64(n) / 1000)
		}
		if p.Ranges != nil {
			p.Ranges.Range = p.Ranges.Range[:rapid.IntRange(0, len(p.Ranges.Range)).Draw(t, "ranges")]
		}
		part = append(part, p)
	}
	r, err := FromProto(part)
	if err != nil {
		t.Fatalf("FromProto(%v): %v", part, err)
	}
	if !m.real.Contains(r) {
		t.Fatalf("%v does not contain its part %v", m.real, r)
	}
	left := m.real.Sub(r)
	if back := left.Add(r); !back.Equal(m.real) {
		t.Fatalf("(%v).Sub(%v).Add back = %v", m.real, r, back)
	}
	m.acc.Sub(r)
	m.set(left, m.model.sub(naiveFrom(part)))
}

func (m *machine) contains(t *rapid.T) {
	r, n := draw(t)
	if got, want := m.real.Contains(r), m.model.contains(n); got != want {
		t.Fatalf("(%v).Contains(%v) = %v, want %v", m.real, r, got, want)
	}
	if got, want := m.real.Equal(r), m.model.equal(n); got != want {
		t.Fatalf("(%v).Equal(%v) = %v, want %v", m.real, r, got, want)
	}
	if sum := m.real.Add(r); !sum.Contains(r) || !sum.Contains(m.real.NonShared()) {
		t.Fatalf("%v does not contain the parts of the sum %v + %v", sum, m.real, r)
	}
}

func (m *machine) allocate(t *rapid.T) {
	role := ""
	real := m.real.Unallocate()
	if rapid.Bool().Draw(t, "to a role") {
		role = drawRole(t)
		real = m.real.Allocate(role)
	}
	m.acc = Accumulator{}
	m.acc.Add(real)
	m.set(real, m.model.allocate(role))
}

func (m *machine) filter(t *rapid.T) {
	role := drawRole(t)
	for _, c := range []struct {
		name string
		real Resources
		keep func(*v1.Resource) bool
	}{
		{"Unreserved", m.real.Unreserved(), func(m *v1.Resource) bool { return len(m.Reservations) == 0 }},
		{"Reserved", m.real.Reserved(), func(m *v1.Resource) bool { return len(m.Reservations) > 0 }},
		{"ReservedTo", m.real.ReservedTo(role), func(m *v1.Resource) bool { return lastRole(m) == role }},
		{"Reservations", m.real.Reservations()[role], func(m *v1.Resource) bool { return lastRole(m) == role }},
		{"Allocations", m.real.Allocations()[role], func(m *v1.Resource) bool { return m.GetAllocationInfo().GetRole() == role }},
		{"AllocatableTo a/b", m.real.AllocatableTo("a/b"), func(m *v1.Resource) bool {
			return slices.Contains([]string{"*", "a", "a/b"}, lastRole(m))
		}},
		{"Revocable", m.real.Revocable(), func(m *v1.Resource) bool { return m.Revocable != nil }},
		{"NonRevocable", m.real.NonRevocable(), func(m *v1.Resource) bool { return m.Revocable == nil }},
		{"Shared", m.real.Shared(), func(m *v1.Resource) bool { return m.Shared != nil }},
		{"NonShared", m.real.NonShared(), func(m *v1.Resource) bool { return m.Shared == nil }},
	} {
		compare(t, c.name, c.real, m.model.filter(c.keep))
	}
}

func (m *machine) roundTrip(t *rapid.T) {
	ms := m.real.Proto()
	again, err := FromProto(ms)
	if err != nil || !again.Equal(m.real) {
		t.Fatalf("FromProto(Proto of %v) = %v, %v", m.real, again, err)
	}
	endpoint, err := FromProto(m.real.EndpointProto())
	if err != nil || !endpoint.NonShared().Equal(m.real.NonShared()) {
		t.Fatalf("FromProto(EndpointProto of %v) = %v, %v", m.real, endpoint, err)
	}
	simple := m.real.Filter(func(e Resource) bool { return !e.HasRefinedReservations() })
	old, err := simple.PreRefinementProto()
	if err != nil {
		t.Fatalf("PreRefinementProto of %v: %v", simple, err)
	}
	// A static reservation with principal or labels has no pre-refinement form.
	for _, o := range old {
		if len(o.Reservations) > 0 || o.Role == nil {
			t.Fatalf("PreRefinementProto gave %v", o)
		}
	}
}

func (m *machine) check(t *rapid.T) {
	compare(t, "state", m.real, m.model)
	if acc := m.acc.Resources(); !acc.Equal(m.real) {
		t.Fatalf("Accumulator has %v, want %v", acc, m.real)
	}
	q := m.real.Quantities()
	for _, name := range []string{"cpus", "mem", "disk", "bandwidth", "ports", "zones", "none"} {
		want := Quantity(m.model.scalar(name))
		if got := m.real.Scalar(name); got != want {
			t.Fatalf("(%v).Scalar(%q) = %v, want %v", m.real, name, got, want)
		}
		if got := q.Get(name); got != want {
			t.Fatalf("(%v).Quantities().Get(%q) = %v, want %v", m.real, name, got, want)
		}
	}
}

// checkOld checks that no operation changed a value that it was given.
func (m *machine) checkOld(t *rapid.T) {
	for _, s := range m.old {
		if got := s.value.String(); got != s.text {
			t.Fatalf("a value changed from %q to %q", s.text, got)
		}
		if got := s.value.PortRanges("ports"); !slices.Equal(got, s.ports) {
			t.Fatalf("ports of a value changed from %v to %v", s.ports, got)
		}
	}
}

// compare checks the invariants of real and that it holds what model does.
func compare(t *rapid.T, what string, real Resources, model naive) {
	t.Helper()
	if fault := broken(real); fault != "" {
		t.Fatalf("%s: %v: %s", what, real, fault)
	}
	if got := naiveFrom(real.Proto()); !got.equal(model) {
		t.Fatalf("%s = %v\nof %v\nwant %v", what, real, got, model)
	}
}

// broken returns the invariant that r breaks.
func broken(r Resources) string {
	if r.entries != nil && len(r.entries) == 0 {
		return "empty but not the zero value"
	}
	for i, e := range r.entries {
		switch {
		case e.isZero():
			return "entry is zero"
		case e.amount < 0:
			return "entry is negative"
		case i > 0 && r.entries[i-1].kind.compare(e.kind) >= 0:
			return "entries are not sorted, or a kind occurs twice"
		case !slices.IsSorted(e.items()):
			return "set is not sorted"
		case (e.kind.typ == rangesType) != (len(e.ranges) > 0):
			return "ranges do not fit the type"
		case (e.kind.typ == setType) != (len(e.items()) > 0):
			return "items do not fit the type"
		}
		for j, p := range e.ranges {
			if p.Begin > p.End || j > 0 && e.ranges[j-1].End+1 >= p.Begin {
				return "ranges are not coalesced"
			}
		}
	}
	return ""
}
