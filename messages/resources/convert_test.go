package resources

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// entries reads a JSON array of resources.
func entries(t testing.TB, text string) []*v1.Resource {
	t.Helper()
	op := &v1.Offer_Operation_Reserve{}
	if err := mesosjson.Unmarshal([]byte(`{"resources":`+text+`}`), op); err != nil {
		t.Fatal(err)
	}
	return op.Resources
}

// operation reads an operation from JSON.
func operation(t testing.TB, text string) *v1.Offer_Operation {
	t.Helper()
	op := &v1.Offer_Operation{}
	if err := mesosjson.Unmarshal([]byte(text), op); err != nil {
		t.Fatal(err)
	}
	return op
}

// The pieces that the tables below are made of; $ stands for a quotation mark.
var pieces = strings.NewReplacer(
	"DISK10", `$name$:$disk$,$type$:$SCALAR$,$scalar$:{$value$:10}`,
	"DISK3", `$name$:$disk$,$type$:$SCALAR$,$scalar$:{$value$:3}`,
	"DISK7", `$name$:$disk$,$type$:$SCALAR$,$scalar$:{$value$:7}`,
	"CPUS2", `$name$:$cpus$,$type$:$SCALAR$,$scalar$:{$value$:2}`,
	"STATICA", `{$type$:$STATIC$,$role$:$a$}`,
	"DYNAMICAB", `{$type$:$DYNAMIC$,$role$:$a/b$,$principal$:$p$}`,
	"DYNAMICB", `{$type$:$DYNAMIC$,$role$:$b$}`,
	"DATAV", `$persistence$:{$id$:$v$},$volume$:{$mode$:$RW$,$container_path$:$data$}`,
	"MOUNT", `$source$:{$type$:$MOUNT$,$mount$:{$root$:$/m$}}`,
	"PATH", `$source$:{$type$:$PATH$,$path$:{$root$:$/p$}}`,
	"RESERVED", `$reservations$:[{$type$:$DYNAMIC$,$role$:$a$,$principal$:$p$}]`,
)

func text(s string) string {
	return strings.ReplaceAll(pieces.Replace(strings.ReplaceAll(s, "$disk${", "$disk$:{")), "$", `"`)
}

func TestConvert(t *testing.T) {
	for _, c := range []struct {
		name, op            string
		consumed, converted string // JSON arrays
		wrong               string // part of the error, "" for none
	}{
		{name: "reserve", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{CPUS2,RESERVED}]}}`,
			consumed: `[{CPUS2}]`, converted: `[{CPUS2,RESERVED}]`},
		{name: "reserve, old form", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{CPUS2,$role$:$a$,$reservation$:{$principal$:$p$}}]}}`,
			consumed: `[{CPUS2}]`, converted: `[{CPUS2,RESERVED}]`},
		{name: "refine a static one", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{CPUS2,$reservations$:[STATICA,DYNAMICAB]}]}}`,
			consumed: `[{CPUS2,$reservations$:[STATICA]}]`, converted: `[{CPUS2,$reservations$:[STATICA,DYNAMICAB]}]`},
		{name: "reserve for another", op: `{$type$:$RESERVE$,$reserve$:{$source$:[{CPUS2,RESERVED}],$resources$:[{CPUS2,$reservations$:[DYNAMICB]}]}}`,
			consumed: `[{CPUS2,RESERVED}]`, converted: `[{CPUS2,$reservations$:[DYNAMICB]}]`},
		{name: "reserve for another, less", op: `{$type$:$RESERVE$,$reserve$:{$source$:[{DISK10,RESERVED}],$resources$:[{DISK3,$reservations$:[DYNAMICB]}]}}`,
			wrong: "must be the same but for dynamic reservations"},
		{name: "reserve for another what is static", op: `{$type$:$RESERVE$,$reserve$:{$source$:[{CPUS2,$reservations$:[STATICA]}],$resources$:[{CPUS2,$reservations$:[DYNAMICB]}]}}`,
			wrong: "must be the same but for dynamic reservations"},
		{name: "reserve what is a volume", op: `{$type$:$RESERVE$,$reserve$:{$source$:[{DISK10,RESERVED,$disk${DATAV}}],$resources$:[{DISK10,$reservations$:[DYNAMICB]}]}}`,
			wrong: `reserve.source: disk is the persistent volume "v"`},
		{name: "reserve a volume", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{DISK10,RESERVED,$disk${DATAV}}]}}`,
			wrong: `disk is the persistent volume "v"`},
		{name: "reserve nothing", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[]}}`, wrong: "reserve.resources must name at least one resource"},
		{name: "reserve without reservation", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{CPUS2}]}}`, wrong: "cpus has no reservation"},
		{name: "reserve statically", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{CPUS2,$role$:$a$}]}}`, wrong: `cpus has the static reservation to role "a" last`},
		{name: "reserve revocable", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{CPUS2,RESERVED,$revocable$:{}}]}}`, wrong: "cpus is revocable"},
		{name: "reserve badly", op: `{$type$:$RESERVE$,$reserve$:{$resources$:[{$name$:$cpus$,$type$:$SCALAR$,$scalar$:{$value$:-1},RESERVED}]}}`, wrong: "scalar.value -1 must not be negative"},
		{name: "no reserve", op: `{$type$:$RESERVE$}`, wrong: "type is RESERVE"},
		{name: "launch", op: `{$type$:$LAUNCH$,$launch$:{}}`, wrong: "type LAUNCH is no operation"},

		{name: "unreserve", op: `{$type$:$UNRESERVE$,$unreserve$:{$resources$:[{CPUS2,RESERVED}]}}`,
			consumed: `[{CPUS2,RESERVED}]`, converted: `[{CPUS2}]`},
		{name: "unreserve the last only", op: `{$type$:$UNRESERVE$,$unreserve$:{$resources$:[{CPUS2,$reservations$:[STATICA,DYNAMICAB]}]}}`,
			consumed: `[{CPUS2,$reservations$:[STATICA,DYNAMICAB]}]`, converted: `[{CPUS2,$reservations$:[STATICA]}]`},
		{name: "unreserve static", op: `{$type$:$UNRESERVE$,$unreserve$:{$resources$:[{CPUS2,$role$:$a$}]}}`, wrong: `cpus is reserved to role "a" statically`},
		{name: "unreserve free", op: `{$type$:$UNRESERVE$,$unreserve$:{$resources$:[{CPUS2}]}}`, wrong: "cpus is not reserved"},
		{name: "unreserve a volume", op: `{$type$:$UNRESERVE$,$unreserve$:{$resources$:[{DISK10,RESERVED,$disk${DATAV}}]}}`, wrong: "destroy it first"},

		{name: "create", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${DATAV}}]}}`,
			consumed: `[{DISK10,RESERVED}]`, converted: `[{DISK10,RESERVED,$disk${DATAV}}]`},
		{name: "create on a path", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${PATH,DATAV}}]}}`,
			consumed: `[{DISK10,RESERVED,$disk${PATH}}]`, converted: `[{DISK10,RESERVED,$disk${PATH,DATAV}}]`},
		{name: "create on a mount", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${MOUNT,DATAV}}]}}`,
			consumed: `[{DISK10,RESERVED,$disk${MOUNT}}]`, converted: `[{DISK10,RESERVED,$disk${MOUNT,DATAV}}]`},
		{name: "create shared", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$shared$:{},$disk${DATAV}}]}}`,
			consumed: `[{DISK10,RESERVED}]`, converted: `[{DISK10,RESERVED,$shared$:{},$disk${DATAV}}]`},
		{name: "create without id", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED}]}}`, wrong: "no disk.persistence.id"},
		{name: "create with a bad id", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${$persistence$:{$id$:$../x$},$volume$:{$mode$:$RW$,$container_path$:$d$}}}]}}`, wrong: "disk.persistence.id"},
		{name: "create unreserved", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,$disk${DATAV}}]}}`, wrong: `"v" is not reserved`},
		{name: "create without volume", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${$persistence$:{$id$:$v$}}}]}}`, wrong: "no disk.volume"},
		{name: "create without path", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${$persistence$:{$id$:$v$},$volume$:{$mode$:$RW$,$container_path$:$$}}}]}}`, wrong: "container_path"},
		{name: "create at a host path", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${$persistence$:{$id$:$v$},$volume$:{$mode$:$RW$,$container_path$:$d$,$host_path$:$/etc$}}}]}}`, wrong: `host_path "/etc"`},
		{name: "create twice", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${DATAV}},{DISK3,RESERVED,$disk${DATAV}}]}}`, wrong: `"v" is used twice`},
		{name: "create revocable", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$revocable$:{},$disk${DATAV}}]}}`, wrong: "revocable"},
		{name: "create on a block device", op: `{$type$:$CREATE$,$create$:{$volumes$:[{DISK10,RESERVED,$disk${$source$:{$type$:$BLOCK$},DATAV}}]}}`, wrong: "disk.source.type BLOCK"},

		{name: "destroy", op: `{$type$:$DESTROY$,$destroy$:{$volumes$:[{DISK10,RESERVED,$disk${DATAV}}]}}`,
			consumed: `[{DISK10,RESERVED,$disk${DATAV}}]`, converted: `[{DISK10,RESERVED}]`},
		{name: "destroy shared", op: `{$type$:$DESTROY$,$destroy$:{$volumes$:[{DISK10,RESERVED,$shared$:{},$disk${DATAV}}]}}`,
			consumed: `[{DISK10,RESERVED,$shared$:{},$disk${DATAV}}]`, converted: `[{DISK10,RESERVED}]`},
		{name: "destroy space", op: `{$type$:$DESTROY$,$destroy$:{$volumes$:[{DISK10,RESERVED}]}}`, wrong: "is no persistent volume"},
		{name: "destroy twice", op: `{$type$:$DESTROY$,$destroy$:{$volumes$:[{DISK10,RESERVED,$disk${DATAV}},{DISK10,RESERVED,$disk${DATAV}}]}}`, wrong: "is named 2 times"},

		{name: "grow", op: `{$type$:$GROW_VOLUME$,$grow_volume$:{$volume$:{DISK7,RESERVED,$disk${DATAV}},$addition$:{DISK3,RESERVED}}}`,
			consumed: `[{DISK7,RESERVED,$disk${DATAV}},{DISK3,RESERVED}]`, converted: `[{DISK10,RESERVED,$disk${DATAV}}]`},
		{name: "grow on a path", op: `{$type$:$GROW_VOLUME$,$grow_volume$:{$volume$:{DISK7,RESERVED,$disk${PATH,DATAV}},$addition$:{DISK3,RESERVED,$disk${PATH}}}}`,
			consumed: `[{DISK7,RESERVED,$disk${PATH,DATAV}},{DISK3,RESERVED,$disk${PATH}}]`, converted: `[{DISK10,RESERVED,$disk${PATH,DATAV}}]`},
		{name: "grow by another disk", op: `{$type$:$GROW_VOLUME$,$grow_volume$:{$volume$:{DISK7,RESERVED,$disk${PATH,DATAV}},$addition$:{DISK3,RESERVED}}}`, wrong: "space of the same disk"},
		{name: "grow by another's", op: `{$type$:$GROW_VOLUME$,$grow_volume$:{$volume$:{DISK7,RESERVED,$disk${DATAV}},$addition$:{DISK3}}}`, wrong: "reservation as the volume"},
		{name: "grow space", op: `{$type$:$GROW_VOLUME$,$grow_volume$:{$volume$:{DISK7,RESERVED},$addition$:{DISK3,RESERVED}}}`, wrong: "grow_volume.volume is no persistent volume"},
		{name: "grow shared", op: `{$type$:$GROW_VOLUME$,$grow_volume$:{$volume$:{DISK7,RESERVED,$shared$:{},$disk${DATAV}},$addition$:{DISK3,RESERVED}}}`, wrong: "is shared"},
		{name: "grow a mount", op: `{$type$:$GROW_VOLUME$,$grow_volume$:{$volume$:{DISK7,RESERVED,$disk${MOUNT,DATAV}},$addition$:{DISK3,RESERVED,$disk${MOUNT}}}}`, wrong: "used whole"},

		{name: "shrink", op: `{$type$:$SHRINK_VOLUME$,$shrink_volume$:{$volume$:{DISK10,RESERVED,$disk${DATAV}},$subtract$:{$value$:3}}}`,
			consumed: `[{DISK10,RESERVED,$disk${DATAV}}]`, converted: `[{DISK7,RESERVED,$disk${DATAV}},{DISK3,RESERVED}]`},
		{name: "shrink to nothing", op: `{$type$:$SHRINK_VOLUME$,$shrink_volume$:{$volume$:{DISK10,RESERVED,$disk${DATAV}},$subtract$:{$value$:10}}}`, wrong: "subtract.value 10 must be more than 0 and less than"},
		{name: "shrink by nothing", op: `{$type$:$SHRINK_VOLUME$,$shrink_volume$:{$volume$:{DISK10,RESERVED,$disk${DATAV}},$subtract$:{$value$:0}}}`, wrong: "subtract.value 0 must be more"},
		{name: "shrink by less than nothing", op: `{$type$:$SHRINK_VOLUME$,$shrink_volume$:{$volume$:{DISK10,RESERVED,$disk${DATAV}},$subtract$:{$value$:-1}}}`, wrong: "-1 must not be negative"},
	} {
		op := text(c.op)
		got, err := Convert(operation(t, op))
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: error %v, want one about %q", c.name, err, c.wrong)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, side := range []struct {
			name, want string
			got        Resources
		}{{"consumed", c.consumed, got.Consumed}, {"converted", c.converted, got.Converted}} {
			want, err := FromProto(entries(t, text(side.want)))
			if err != nil || !side.got.Equal(want) {
				t.Errorf("%s: %s %v, want %v (%v)", c.name, side.name, side.got, want, err)
			}
		}
	}
}

func TestApplyRefusesWhatIsNotThere(t *testing.T) {
	op := operation(t, text(`{$type$:$RESERVE$,$reserve$:{$resources$:[{CPUS2,RESERVED}]}}`))
	c, err := Convert(op)
	if err != nil {
		t.Fatal(err)
	}
	for total, want := range map[string]bool{"cpus:2;mem:1": true, "cpus:1.999": false, "cpus(b):2": false, "mem:2": false} {
		got, err := MustParse(total).Apply(c)
		if (err == nil) != want {
			t.Errorf("reservation of cpus:2 on %s: %v, %v, want it done: %v", total, got, err, want)
		}
	}
}

func TestWithCheckpointed(t *testing.T) {
	conf := MustParse("cpus:4;cpus(a):2;disk:100")
	bad, err := FromProto(entries(t, text(`[{CPUS2}]`)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conf.WithCheckpointed(bad); err == nil {
		t.Error("plain cpus were taken as checkpointed")
	}
	much, err := FromProto(entries(t, text(`[{CPUS2,$reservations$:[STATICA,DYNAMICAB]},{CPUS2,$reservations$:[STATICA,{$type$:$DYNAMIC$,$role$:$a/c$}]}]`)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conf.WithCheckpointed(much); err == nil {
		t.Error("more refinements than there is reserved statically were taken")
	}
}

// Random operations on an agent's resources keep what there is, and what an
// agent tells of itself is enough to know its total.
func TestConversionModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		conf, err := Parse(`[
			{"name":"cpus","type":"SCALAR","scalar":{"value":4}},
			{"name":"cpus","type":"SCALAR","scalar":{"value":2},"role":"a"},
			{"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":9}]}},
			{"name":"disk","type":"SCALAR","scalar":{"value":50}},
			{"name":"disk","type":"SCALAR","scalar":{"value":50},"disk":{"source":{"type":"PATH","path":{"root":"/p"}}}},
			{"name":"disk","type":"SCALAR","scalar":{"value":50},"disk":{"source":{"type":"MOUNT","mount":{"root":"/m"}}}}]`, "*")
		if err != nil {
			t.Fatal(err)
		}
		total := conf
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			op := drawOperation(t, total)
			c, err := Convert(op)
			if err != nil {
				continue
			}
			next, err := total.Apply(c)
			if err != nil {
				continue
			}
			checkConversion(t, conf, total, next, c)
			total = next
		}
	})
}

func checkConversion(t *rapid.T, conf, total, next Resources, c Conversion) {
	if got, want := next.Quantities(), conf.Quantities(); got.String() != want.String() {
		t.Fatalf("%v → %v makes %v of %v: amounts are %v, want %v", c.Consumed, c.Converted, next, total, got, want)
	}
	if got := next.base(); !got.Equal(conf) {
		t.Fatalf("%v → %v: the base is %v, want %v", c.Consumed, c.Converted, got, conf)
	}
	back, err := next.Apply(c.Inverse())
	if err != nil || !back.Equal(total) {
		t.Fatalf("undoing %v → %v gives %v, %v, want %v", c.Consumed, c.Converted, back, err, total)
	}
	told, err := conf.WithCheckpointed(next.Checkpointed())
	if err != nil || !told.Equal(next) {
		t.Fatalf("an agent with %v tells %v: got %v, %v", next, next.Checkpointed(), told, err)
	}
	role := drawRole(t)
	a := Conversion{c.Consumed.Allocate(role), c.Converted.Allocate(role)}
	if u := a.Unallocated(); !u.Consumed.Equal(c.Consumed) || !u.Converted.Equal(c.Converted) {
		t.Fatalf("unallocated conversion %v, want %v", u, c)
	}
}

// drawOperation makes an operation on some entry of total; it need not be valid.
func drawOperation(t *rapid.T, total Resources) *v1.Offer_Operation {
	all := total.Proto()
	m := proto.CloneOf(rapid.SampledFrom(all).Draw(t, "entry"))
	whole := m.Disk.GetPersistence() != nil || m.Disk.GetSource().GetType() == v1.Resource_DiskInfo_Source_MOUNT
	if m.Scalar != nil && !whole && rapid.Bool().Draw(t, "part") {
		n := rapid.Int64Range(1, int64(FromFloat(m.Scalar.GetValue()))).Draw(t, "thousandths")
		m.Scalar = &v1.Value_Scalar{Value: proto.Float64(Quantity(n).Float())}
	}
	switch rapid.IntRange(0, 5).Draw(t, "operation") {
	case 0:
		if m.Disk.GetPersistence() == nil {
			m.Reservations = append(m.Reservations[:len(m.Reservations):len(m.Reservations)], &v1.Resource_ReservationInfo{
				Type: dynamic.Enum(), Role: proto.String(rapid.SampledFrom([]string{"a", "a/b", "a/b/c", "e"}).Draw(t, "role")), Labels: drawLabels(t),
			})
		}
		return &v1.Offer_Operation{Type: v1.Offer_Operation_RESERVE.Enum(), Reserve: &v1.Offer_Operation_Reserve{Resources: []*v1.Resource{m}}}
	case 1:
		return &v1.Offer_Operation{Type: v1.Offer_Operation_UNRESERVE.Enum(), Unreserve: &v1.Offer_Operation_Unreserve{Resources: []*v1.Resource{m}}}
	case 2:
		d := &v1.Resource_DiskInfo{Source: m.Disk.GetSource(), Persistence: &v1.Resource_DiskInfo_Persistence{Id: proto.String(rapid.StringMatching("[a-z]{8}").Draw(t, "id"))}}
		d.Volume = &v1.Volume{Mode: v1.Volume_RW.Enum(), ContainerPath: proto.String("d")}
		m.Disk = d
		if rapid.IntRange(0, 3).Draw(t, "shared") == 0 {
			m.Shared = &v1.Resource_SharedInfo{}
		}
		return &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE.Enum(), Create: &v1.Offer_Operation_Create{Volumes: []*v1.Resource{m}}}
	case 3:
		return &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY.Enum(), Destroy: &v1.Offer_Operation_Destroy{Volumes: []*v1.Resource{m}}}
	case 4:
		return &v1.Offer_Operation{Type: v1.Offer_Operation_GROW_VOLUME.Enum(), GrowVolume: &v1.Offer_Operation_GrowVolume{
			Volume: m, Addition: proto.CloneOf(rapid.SampledFrom(all).Draw(t, "addition")),
		}}
	}
	return &v1.Offer_Operation{Type: v1.Offer_Operation_SHRINK_VOLUME.Enum(), ShrinkVolume: &v1.Offer_Operation_ShrinkVolume{
		Volume: m, Subtract: &v1.Value_Scalar{Value: proto.Float64(float64(rapid.IntRange(0, 20).Draw(t, "subtract")))},
	}}
}

func TestSharedOnce(t *testing.T) {
	v, err := FromProto(entries(t, text(`[{DISK10,RESERVED,$shared$:{},$disk${DATAV}}]`)))
	if err != nil {
		t.Fatal(err)
	}
	r := v.Add(v).Add(MustParse("cpus:1;zones:{a}"))
	if got, want := r.SharedOnce(), v.Add(MustParse("cpus:1;zones:{a}")); !got.Equal(want) {
		t.Errorf("SharedOnce = %v, want %v", got, want)
	}
	if got := v.SharedOnce(); !got.Equal(v) {
		t.Errorf("SharedOnce of one = %v, want %v", got, v)
	}
}
