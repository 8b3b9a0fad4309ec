package resources

import (
	"errors"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// message reads a v1.Resource in prototext; it may lack required fields.
func message(t testing.TB, text string) *v1.Resource {
	t.Helper()
	m := &v1.Resource{}
	if err := (prototext.UnmarshalOptions{AllowPartial: true}).Unmarshal([]byte(text), m); err != nil {
		t.Fatalf("test message %q: %v", text, err)
	}
	return m
}

func messages(t testing.TB, texts ...string) []*v1.Resource {
	t.Helper()
	var ms []*v1.Resource
	for _, text := range texts {
		ms = append(ms, message(t, text))
	}
	return ms
}

func from(t testing.TB, texts ...string) Resources {
	t.Helper()
	r, err := FromProto(messages(t, texts...))
	if err != nil {
		t.Fatalf("FromProto(%q): %v", texts, err)
	}
	return r
}

const cpus = `name: "cpus" type: SCALAR scalar { value: 1 } `
const disk = `name: "disk" type: SCALAR scalar { value: 1 } `

func TestFromProtoErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`type: SCALAR scalar { value: 1 }`, `resources[1]: name must not be empty`},
		{`name: "cpus" scalar { value: 1 }`, `resources[1] "cpus": type must be one of SCALAR, RANGES, SET`},
		{`name: "cpus" type: TEXT`, `resources[1] "cpus": type TEXT must be one of SCALAR, RANGES, SET`},
		{`name: "cpus" type: SCALAR`, `resources[1] "cpus": scalar must be set for type SCALAR`},
		{`name: "cpus" type: SCALAR scalar {}`, `resources[1] "cpus": scalar.value must be set`},
		{`name: "cpus" type: SCALAR scalar { value: -1 }`, `resources[1] "cpus": scalar.value -1 must not be negative`},
		{`name: "cpus" type: SCALAR scalar { value: nan }`, `resources[1] "cpus": scalar.value NaN must be a finite number`},
		{`name: "cpus" type: SCALAR scalar { value: inf }`, `resources[1] "cpus": scalar.value +Inf must be a finite number`},
		{`name: "cpus" type: SCALAR scalar { value: 1e13 }`, `resources[1] "cpus": scalar.value 1e+13 must not be more than 9007199254740.992`},
		{`name: "cpus" type: SCALAR scalar { value: 0.0004 }`, `resources[1] "cpus": scalar.value 0.0004 must be 0 or at least 0.001`},
		{cpus + `set {}`, `resources[1] "cpus": set must not be set for type SCALAR`},
		{`name: "ports" type: RANGES ranges { range { begin: 2 end: 1 } }`, `resources[1] "ports": ranges.range[0] 2-1 must not begin after its end`},
		{`name: "ports" type: RANGES ranges { range { begin: 1 } }`, `resources[1] "ports": ranges.range[0] must have begin and end`},
		{`name: "ports" type: RANGES ranges { range { begin: 5 end: 9 } range { begin: 1 end: 5 } }`, `resources[1] "ports": ranges 1-5 and 5-9 must not overlap`},
		{`name: "zones" type: SET set { item: "b" item: "a" item: "b" }`, `resources[1] "zones": set.item "b" must not occur twice`},
		{cpus + `role: ""`, `resources[1] "cpus": role must not be empty`},
		{cpus + `role: "a//b"`, `resources[1] "cpus": role "a//b" must not begin or end with a slash or have two in a row`},
		{cpus + `reservation {}`, `resources[1] "cpus": reservation must not be set for role "*"`},
		{cpus + `role: "a" reservation { type: DYNAMIC }`, `resources[1] "cpus": reservation.type must not be set: it belongs to reservations`},
		{cpus + `role: "a" reservation { role: "a" }`, `resources[1] "cpus": reservation.role must not be set: it belongs to reservations`},
		{cpus + `role: "a" reservation { labels { labels {} } }`, `resources[1] "cpus": reservation.labels.labels[0].key must be set`},
		{cpus + `reservations { role: "a" }`, `resources[1] "cpus": reservations[0].type must be STATIC or DYNAMIC`},
		{cpus + `reservations { type: DYNAMIC }`, `resources[1] "cpus": reservations[0].role must be set`},
		{cpus + `reservations { type: DYNAMIC role: "*" }`, `resources[1] "cpus": reservations[0].role must not be "*"`},
		{cpus + `reservations { type: DYNAMIC role: "-a" }`, `resources[1] "cpus": reservations[0].role "-a" must not have a component that begins with a dash`},
		{cpus + `reservations { type: DYNAMIC role: "a" } reservations { type: STATIC role: "a/b" }`, `resources[1] "cpus": reservations[1].type must be DYNAMIC: it refines another reservation`},
		{cpus + `reservations { type: DYNAMIC role: "a" } reservations { type: DYNAMIC role: "ab" }`, `resources[1] "cpus": reservations[1].role "ab" must lie below "a", which it refines`},
		{cpus + `role: "b" reservations { type: STATIC role: "a" }`, `resources[1] "cpus": role "b" must be reservations[0].role "a"`},
		{cpus + `role: "a" reservation {} reservations { type: STATIC role: "a" }`, `resources[1] "cpus": reservation must not be set beside a STATIC one of reservations`},
		{cpus + `role: "a" reservations { type: DYNAMIC role: "a" }`, `resources[1] "cpus": reservation and role must be both set or both not set beside reservations`},
		{cpus + `role: "a" reservation { principal: "x" } reservations { type: DYNAMIC role: "a" }`, `resources[1] "cpus": reservation.principal "x" must be reservations[0].principal ""`},
		{cpus + `role: "a" reservation { labels { labels { key: "k" } } } reservations { type: DYNAMIC role: "a" }`, `resources[1] "cpus": reservation.labels must be reservations[0].labels`},
		{cpus + `role: "a" reservations { type: DYNAMIC role: "a" } reservations { type: DYNAMIC role: "a/b" }`, `resources[1] "cpus": role must not be set beside more than one of reservations`},
		{cpus + `allocation_info { role: "a b" }`, `resources[1] "cpus": allocation_info.role "a b" must not have white space, backspace or control characters`},
		{cpus + `provider_id { value: "" }`, `resources[1] "cpus": provider_id.value must not be empty`},
		{cpus + `disk {}`, `resources[1] "cpus": disk must not be set: only resources named disk have it`},
		{cpus + `shared {}`, `resources[1] "cpus": shared must not be set: only persistent volumes can be shared`},
		{disk + `shared {}`, `resources[1] "disk": shared must not be set: only persistent volumes can be shared`},
		{`name: "disk" type: SET set {} disk {}`, `resources[1] "disk": disk must not be set for type SET`},
		{disk + `disk { persistence { id: "" } }`, `resources[1] "disk": disk.persistence.id must not be empty`},
		{disk + `disk { persistence { id: "../x" } }`, `resources[1] "disk": disk.persistence.id "../x" has the character '/' at byte 2: slashes and control characters are not allowed`},
		{disk + `disk { source {} }`, `resources[1] "disk": disk.source.type must be one of PATH, MOUNT, BLOCK, RAW`},
		{disk + `disk { source { type: RAW path {} } }`, `resources[1] "disk": disk.source.path must not be set for type RAW`},
		{disk + `disk { source { type: BLOCK mount {} } }`, `resources[1] "disk": disk.source.mount must not be set for type BLOCK`},
		{disk + `disk { source { type: RAW metadata { labels {} } } }`, `resources[1] "disk": disk.source.metadata.labels[0].key must be set`},
	} {
		r, err := FromProto(messages(t, cpus, c.text))
		var e *Error
		switch {
		case !errors.As(err, &e):
			t.Errorf("FromProto(%s) = %v, %v, want *Error %q", c.text, r, err, c.want)
		case err.Error() != c.want:
			t.Errorf("FromProto(%s) error\n got %s\nwant %s", c.text, err, c.want)
		case e.Index != 1 || !r.IsEmpty():
			t.Errorf("FromProto(%s) = %v with error index %d, want empty and 1", c.text, r, e.Index)
		}
	}
	if _, err := FromProto([]*v1.Resource{nil}); err == nil || err.Error() != "resources[0]: entry must not be null" {
		t.Errorf("FromProto(nil entry) error %v", err)
	}
}

// TestSumOverflow shows that hostile amounts neither wrap around nor pass.
func TestSumOverflow(t *testing.T) {
	var ms []*v1.Resource
	for range 2000 {
		m := message(t, cpus)
		m.Scalar.Value = proto.Float64(9e12)
		ms = append(ms, m)
	}
	const want = `resources "cpus": scalar.value adds up to more than 9007199254740.992`
	if _, err := FromProto(ms); err == nil || err.Error() != want {
		t.Errorf("FromProto(2000 x 9e12) error %v, want %s", err, want)
	}
	big := MustParse("cpus:9e12")
	sum := big
	for range 11 {
		sum = sum.Add(sum)
	}
	if got := sum.CPUs(); got != math.MaxInt64 {
		t.Errorf("2048 x 9e12 cpus = %v, want the largest Quantity", got)
	}
}

func TestZeroVanishes(t *testing.T) {
	r := from(t,
		`name: "cpus" type: SCALAR scalar { value: 0 }`,
		`name: "ports" type: RANGES ranges {}`,
		`name: "zones" type: SET set {}`,
		`name: "disk" type: SCALAR scalar { value: 0 } disk { persistence { id: "v" } } shared {}`)
	if !r.IsEmpty() || r.Len() != 0 || !r.Equal(Resources{}) || r.String() != "{}" {
		t.Errorf("zero entries gave %v, want nothing", r)
	}
}

// TestKinds tells which messages are the same kind, by whether two of them merge.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{cpus, cpus, true},
		{cpus, cpus + `role: "*"`, true},
		{cpus, cpus + `role: "a"`, false},
		{cpus + `role: "a"`, cpus + `reservations { type: STATIC role: "a" }`, true},
		{cpus + `role: "a"`, cpus + `role: "a" reservation {}`, false},
		{cpus + `role: "a" reservation { principal: "p" }`, cpus + `reservations { type: DYNAMIC role: "a" principal: "p" }`, true},
		{cpus + `role: "a" reservation { principal: "p" }`, cpus + `role: "a" reservation { principal: "q" }`, false},
		{cpus + `role: "a" reservation { principal: "" }`, cpus + `role: "a" reservation {}`, false},
		{
			cpus + `role: "a" reservation { labels { labels { key: "k" value: "1" } labels { key: "l" } } }`,
			cpus + `role: "a" reservation { labels { labels { key: "l" } labels { key: "k" value: "1" } } }`, true,
		},
		{
			cpus + `role: "a" reservation { labels { labels { key: "k" value: "1" } } }`,
			cpus + `role: "a" reservation { labels { labels { key: "k" value: "2" } } }`, false,
		},
		{cpus + `reservations { type: STATIC role: "a/b" }`, cpus + `reservations { type: STATIC role: "a" } reservations { type: DYNAMIC role: "a/b" }`, false},
		{cpus, cpus + `allocation_info { role: "a" }`, false},
		{cpus, cpus + `allocation_info {}`, true},
		{cpus, cpus + `revocable {}`, false},
		{cpus, cpus + `provider_id { value: "p" }`, false},
		{disk + `disk { source { type: PATH path { root: "/a" } } }`, disk + `disk { source { type: PATH path { root: "/a" } } }`, true},
		{disk + `disk { source { type: PATH path { root: "/a" } } }`, disk + `disk { source { type: PATH path { root: "/b" } } }`, false},
		{disk + `disk { source { type: RAW profile: "f" } }`, disk + `disk { source { type: RAW profile: "g" } }`, false},
		{disk + `disk { source { type: RAW metadata { labels { key: "k" } } } }`, disk + `disk { source { type: RAW metadata { labels { key: "l" } } } }`, false},
		{disk + `disk { source { type: RAW vendor: "f" } }`, disk + `disk { source { type: RAW vendor: "g" } }`, false},
		{disk, disk + `disk {}`, false},
		{
			disk + `disk { persistence { id: "v" principal: "p" } volume { mode: RW container_path: "x" } }`,
			disk + `disk { persistence { id: "v" principal: "q" } volume { mode: RO container_path: "y" } }`, true,
		},
		{disk + `disk { persistence { id: "v" } }`, disk + `disk { persistence { id: "v" } } shared {}`, false},
	} {
		r := from(t, c.a, c.b)
		if got := r.Len() == 1; got != c.same {
			t.Errorf("same kind = %v, want %v:\n%s\n%s", got, c.same, c.a, c.b)
		}
	}
}

// TestAmbiguousStrings has names that would collide if keys joined them carelessly.
func TestAmbiguousStrings(t *testing.T) {
	r := from(t,
		`name: "a\000b" type: SCALAR scalar { value: 1 }`,
		`name: "a" type: SCALAR scalar { value: 1 }`,
		`name: "a\000" type: SCALAR scalar { value: 1 }`,
		`name: "a\000\001" type: SCALAR scalar { value: 1 }`,
		cpus+`role: "a" reservation { labels { labels { key: "k" value: "v" } labels { key: "x" value: "y" } } }`,
		cpus+`role: "a" reservation { labels { labels { key: "k" value: "v\000\001\001x\000\001\001y" } } }`)
	if r.Len() != 6 {
		t.Errorf("%d kinds, want 6: %q", r.Len(), r)
	}
}

// TestKindShowsNothingOfOthers: what does not tell kinds apart must not leak from
// the message that was interned first into the next.
func TestKindShowsNothingOfOthers(t *testing.T) {
	first := from(t, `name: "disk" type: SCALAR scalar { value: 1 } role: "a" `+
		`reservation { labels { labels { key: "l" } labels { key: "k" } } } `+
		`disk { persistence { id: "w" principal: "p" } volume { mode: RW container_path: "x" } }`)
	second := from(t, `name: "disk" type: SCALAR scalar { value: 1 } `+
		`reservations { type: DYNAMIC role: "a" labels { labels { key: "k" } labels { key: "l" } } } disk { persistence { id: "w" } }`)
	if !first.Equal(second) {
		t.Fatalf("%v and %v must be the same kind", first, second)
	}
	want := message(t, `name: "disk" type: SCALAR scalar { value: 1 } `+
		`reservations { type: DYNAMIC role: "a" labels { labels { key: "k" } labels { key: "l" } } } disk { persistence { id: "w" } }`)
	if got := second.Proto()[0]; !proto.Equal(got, want) {
		t.Errorf("Proto = %v, want %v", got, want)
	}
	if got := first.Proto()[0].Disk; got.GetVolume().GetContainerPath() != "x" || got.GetPersistence().GetPrincipal() != "p" {
		t.Errorf("disk = %v, want it as given", got)
	}
}
