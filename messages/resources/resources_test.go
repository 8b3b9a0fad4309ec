package resources

import (
	"slices"
	"strings"
	"testing"
)

const (
	volume = `name: "disk" type: SCALAR scalar { value: 16 } role: "a" reservation {} disk { persistence { id: "v" } volume { mode: RW container_path: "x" } } `
	mount  = `name: "disk" type: SCALAR scalar { value: 100 } disk { source { type: MOUNT mount { root: "/m" } } }`
)

func TestArithmetic(t *testing.T) {
	for _, c := range []struct{ a, b, sum, left string }{
		{"cpus:4;mem:1024", "cpus:0.1;mem:24", "cpus:4.1; mem:1048", "cpus:3.9; mem:1000"},
		{"cpus:4;mem:1024", "cpus:4", "cpus:8; mem:1024", "mem:1024"},
		{"cpus:0.3", "cpus:0.1", "cpus:0.4", "cpus:0.2"}, // 0.3-0.1 is 0.19999999999999998 in floats
		{"cpus:1", "cpus(a):1", "cpus:1; cpus(a):1", "cpus:1"},
		{"cpus:1", "cpus:2", "cpus:3", "{}"}, // never negative
		{"ports:[1-10]", "ports:[3-4,10-10]", "ports:[1-10]", "ports:[1-2, 5-9]"},
		{"ports:[1-2]", "ports:[3-4]", "ports:[1-4]", "ports:[1-2]"},
		{"ports:[0-18446744073709551615]", "ports:[0-0,18446744073709551615-18446744073709551615]",
			"ports:[0-18446744073709551615]", "ports:[1-18446744073709551614]"},
		{"ports:[18446744073709551615-18446744073709551615]", "ports:[5-18446744073709551615]", "ports:[5-18446744073709551615]", "{}"},
		{"disks:{a,b,c}", "disks:{b,d}", "disks:{a, b, c, d}", "disks:{a, c}"},
		{"cpus:1", "", "cpus:1", "cpus:1"},
		{"", "cpus:1", "cpus:1", "{}"},
		{"zoo:1;ports:[1-1];disk:1;mem:1;gpus:1;cpus:1;ant:1", "", "cpus:1; gpus:1; mem:1; disk:1; ports:[1-1]; ant:1; zoo:1",
			"cpus:1; gpus:1; mem:1; disk:1; ports:[1-1]; ant:1; zoo:1"},
	} {
		a, b := MustParse(c.a), MustParse(c.b)
		if got := a.Add(b).String(); got != c.sum {
			t.Errorf("(%v).Add(%v) = %v, want %v", a, b, got, c.sum)
		}
		if got := a.Sub(b).String(); got != c.left {
			t.Errorf("(%v).Sub(%v) = %v, want %v", a, b, got, c.left)
		}
	}
}

func TestNoDrift(t *testing.T) {
	tenth := MustParse("cpus:0.1;mem:0.001")
	var sum Resources
	for range 100_000 {
		sum = sum.Add(tenth)
	}
	if want := MustParse("cpus:10000;mem:100"); !sum.Equal(want) {
		t.Fatalf("100000 x %v = %v, want %v", tenth, sum, want)
	}
	for range 100_000 {
		if !sum.Contains(tenth) {
			t.Fatalf("%v does not contain %v", sum, tenth)
		}
		sum = sum.Sub(tenth)
	}
	if !sum.IsEmpty() {
		t.Errorf("after taking all away: %v, want nothing", sum)
	}
}

func TestSharedVolumeCounts(t *testing.T) {
	one := from(t, volume+`shared {}`)
	two := one.Add(one)
	for _, c := range []struct {
		a, b Resources
		want bool
	}{{one, one, true}, {two, one, true}, {two, two, true}, {one, two, false}} {
		if got := c.a.Contains(c.b); got != c.want {
			t.Errorf("(%v).Contains(%v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
	if two.Len() != 1 || two.Disk() != 16*unit || two.Quantities().Get("disk") != 16*unit {
		t.Errorf("shared twice: %d entries, disk %v, want 1 entry that counts 16 once", two.Len(), two.Disk())
	}
	if left := two.Sub(one); !left.Equal(one) || !left.Sub(one).IsEmpty() {
		t.Errorf("2 - 1 shared = %v, want %v", left, one)
	}
	if n := len(two.Proto()); n != 2 {
		t.Errorf("Proto has the volume %d times, want 2", n)
	}
	if n := len(two.EndpointProto()); n != 1 {
		t.Errorf("EndpointProto has the volume %d times, want 1", n)
	}
}

func TestIndivisibleDisks(t *testing.T) {
	for _, c := range []struct{ whole, part string }{
		{volume, `name: "disk" type: SCALAR scalar { value: 6 } role: "a" reservation {} disk { persistence { id: "v" } }`},
		{mount, `name: "disk" type: SCALAR scalar { value: 60 } disk { source { type: MOUNT mount { root: "/m" } } }`},
		{
			`name: "disk" type: SCALAR scalar { value: 9 } disk { source { type: RAW id: "r" } }`,
			`name: "disk" type: SCALAR scalar { value: 3 } disk { source { type: RAW id: "r" } }`,
		},
	} {
		whole, part := from(t, c.whole), from(t, c.part)
		if whole.Contains(part) {
			t.Errorf("%v contains %v, want indivisible", whole, part)
		}
		if got := whole.Sub(part); !got.Equal(whole) {
			t.Errorf("(%v).Sub(%v) = %v, want no effect", whole, part, got)
		}
		if got := whole.Add(part); got.Len() != 2 || got.Disk() != whole.Disk()+part.Disk() {
			t.Errorf("(%v).Add(%v) = %v, want two entries", whole, part, got)
		}
		if got := whole.Add(whole); got.Disk() != 2*whole.Disk() || len(got.Proto()) != 2 {
			t.Errorf("%v twice = %v, want both of them", whole, got)
		}
		if !whole.Contains(whole) || !whole.Sub(whole).IsEmpty() {
			t.Errorf("%v does not contain itself", whole)
		}
	}
	raw := from(t, `name: "disk" type: SCALAR scalar { value: 9 } disk { source { type: RAW } }`)
	if got := raw.Add(raw); got.Len() != 1 || got.Disk() != 18*unit {
		t.Errorf("RAW disk without id twice = %v, want it merged", got)
	}
}

// TestVolumeStaysWithEntry: the use of a disk is carried along, the left side's wins.
func TestVolumeStaysWithEntry(t *testing.T) {
	a := from(t, volume)
	b := from(t, `name: "disk" type: SCALAR scalar { value: 16 } role: "a" reservation {} disk { persistence { id: "v" } volume { mode: RO container_path: "y" } }`)
	if !a.Equal(b) || !a.Contains(b) {
		t.Errorf("%v and %v must be the same disk", a, b)
	}
	if got := a.Add(b).Proto()[0].GetDisk().GetVolume().GetContainerPath(); got != "x" {
		t.Errorf("path of the sum = %q, want x", got)
	}
	for e := range a.All() {
		if e.PersistenceID() != "v" || !e.IsDynamicallyReserved() || e.Role() != "a" {
			t.Errorf("%v: persistence %q, dynamic %v, role %q", e, e.PersistenceID(), e.IsDynamicallyReserved(), e.Role())
		}
	}
}

func TestSame(t *testing.T) {
	here := from(t, volume).Add(MustParse("cpus:1"))
	there := from(t, strings.Replace(volume, `"x"`, `"y"`, 1)).Add(MustParse("cpus:1"))
	for _, c := range []struct {
		name string
		a, b Resources
		want bool
	}{
		{"nothing", Resources{}, Resources{}, true},
		{"a copy", here, here, true},
		{"without and with a role again", here, here.Allocate("a").Unallocate(), true},
		{"equal, without disks", MustParse("cpus:1;mem:2"), MustParse("cpus:1;mem:2"), true},
		{"another path", here, there, false},
		{"another amount", MustParse("cpus:1"), MustParse("cpus:2"), false},
	} {
		if got := c.a.Same(c.b); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if !here.Equal(there) {
		t.Error("where a volume is seen makes it another, want an equal one")
	}
}

func TestReaches(t *testing.T) {
	r := MustParse("cpus:2;cpus(a):1;mem:64")
	for text, want := range map[string]bool{"{}": true, "cpus:3": true, "cpus:3.001": false, "cpus:1;mem:64": true, "cpus:1;mem:65": false, "gpus:1": false} {
		q, err := ParseQuantities(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Reaches(q); got != want {
			t.Errorf("%v reaches %q: got %v, want %v", r, text, got, want)
		}
	}
}

func TestAllocatableTo(t *testing.T) {
	r := MustParse("cpus:1;cpus(eng):2;cpus(eng/web):4;cpus(ops):8;cpus(en):16")
	for role, want := range map[string]Quantity{"eng": 3, "eng/web": 7, "eng/web/a": 7, "ops": 9, "en": 17, "*": 1, "e": 1} {
		if got := r.AllocatableTo(role).CPUs(); got != want*unit {
			t.Errorf("AllocatableTo(%q) has %v cpus, want %v", role, got, want)
		}
	}
}

func TestAllocations(t *testing.T) {
	r := MustParse("cpus:1;ports:[1-2]")
	both := r.Allocate("a").Add(r.Allocate("b")).Add(r)
	if got := both.Allocations(); len(got) != 3 || !got["a"].Equal(r.Allocate("a")) || !got[""].Equal(r) {
		t.Errorf("Allocations = %v", got)
	}
	if got, want := both.Unallocate(), MustParse("cpus:3;ports:[1-2]"); !got.Equal(want) {
		t.Errorf("Unallocate = %v, want %v", got, want)
	}
	if both.Contains(r.Allocate("c")) {
		t.Errorf("%v contains what is allocated to c", both)
	}
}

func TestPreRefinement(t *testing.T) {
	refined := from(t, cpus+`reservations { type: STATIC role: "a" } reservations { type: DYNAMIC role: "a/b" }`)
	if ms, err := refined.PreRefinementProto(); err == nil {
		t.Errorf("PreRefinementProto of a refined reservation = %v, want an error", ms)
	}
	r := from(t, cpus, cpus+`role: "a"`, cpus+`role: "b" reservation { principal: "p" labels { labels { key: "k" } } }`)
	ms, err := r.PreRefinementProto()
	if err != nil {
		t.Fatal(err)
	}
	var roles []string
	for _, m := range ms {
		roles = append(roles, m.GetRole())
	}
	if want := []string{"*", "a", "b"}; !slices.Equal(roles, want) {
		t.Errorf("roles = %v, want %v", roles, want)
	}
	again, err := FromProto(ms)
	if err != nil || !again.Equal(r) {
		t.Errorf("FromProto(PreRefinementProto) = %v, %v, want %v", again, err, r)
	}
}

// TestManyEntries runs lists that make pairwise work visible: minutes, if it were quadratic.
func TestManyEntries(t *testing.T) {
	const n = 50_000
	names := func(prefix string) Resources {
		entries := make([]Resource, n)
		for i := range entries {
			k := internFacts(facts{key: "\x05" + prefix + string(rune('a'+i%26)) + Quantity(i).String(), name: prefix, typ: scalarType, role: "*"})
			entries[i] = Resource{kind: k, amount: 1}
		}
		return collect(entries)
	}
	a, b := names("a"), names("b")
	sum := a.Add(b)
	if sum.Len() != 2*n || !sum.Contains(b) || !sum.Sub(b).Equal(a) || a.Contains(b) {
		t.Errorf("%d + %d entries gave %d", n, n, sum.Len())
	}
	ports := make([]Resource, 0, n)
	one := MustParse("ports:[1-1]").entries[0]
	for i := range n {
		one.ranges = []Range{{uint64(3 * i), uint64(3 * i)}}
		ports = append(ports, one)
	}
	if got := collect(ports).PortRanges("ports"); len(got) != n {
		t.Errorf("%d ranges, want %d", len(got), n)
	}
}

func TestWithAmounts(t *testing.T) {
	r := MustParse("cpus:4;disk:100;mem:64;ports:[1-3]")
	var amounts []Amount
	i := 0
	for e := range r.All() {
		switch e.Name() {
		case "cpus":
			amounts = append(amounts, Amount{i, 1500})
		case "mem":
			amounts = append(amounts, Amount{i, 0})
		}
		i++
	}
	if got, want := r.WithAmounts(amounts), MustParse("cpus:1.5;disk:100;ports:[1-3]"); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := r.WithAmounts(nil); !got.Equal(r) {
		t.Errorf("without amounts: got %v, want %v", got, r)
	}
	if want := MustParse("cpus:4;disk:100;mem:64;ports:[1-3]"); !r.Equal(want) {
		t.Errorf("it is %v now, want it unchanged", r)
	}
}
