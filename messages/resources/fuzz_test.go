package resources

import (
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// sane checks what must hold for every accepted list.
func sane(t *testing.T, r Resources) {
	t.Helper()
	if fault := broken(r); fault != "" {
		t.Fatalf("%v: %s", r, fault)
	}
	again, err := FromProto(r.Proto())
	if err != nil || !again.Equal(r) {
		t.Fatalf("FromProto(Proto of %v) = %v, %v", r, again, err)
	}
	if !r.Contains(r) || !r.Sub(r).IsEmpty() {
		t.Fatalf("%v does not contain itself, or leaves something", r)
	}
	scalars := r.Filter(func(e Resource) bool { return e.Type() == scalarType })
	if got := r.Add(scalars).Sub(scalars); !got.Equal(r) {
		t.Fatalf("(%v) + scalars - scalars = %v", r, got)
	}
	r.Allocate("a").Summary()
	r.EndpointProto()
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"cpus:4;mem:4096;ports:[31000-32000];disks:{a,b};cpus(role):2",
		"[]", "{}", "a(b", "a:[1-2,2-3,18446744073709551615-18446744073709551615]", "z:{,}",
		`[{"name":"disk","type":"SCALAR","scalar":{"value":64},"disk":{"source":{"type":"MOUNT"}},"role":"a/b"}]`,
	} {
		f.Add(text, "*")
	}
	f.Fuzz(func(t *testing.T, text, role string) {
		if r, err := Parse(text, role); err == nil {
			sane(t, r)
		} else if !r.IsEmpty() {
			t.Fatalf("Parse(%q) = %v beside error %v", text, r, err)
		}
		if as, err := ParseAttributes(text); err == nil {
			again, err := ParseAttributes(AttributesString(as))
			if err != nil || len(again) != len(as) {
				t.Fatalf("attributes %q read back as %v, %v", AttributesString(as), again, err)
			}
			for i := range as {
				if !proto.Equal(as[i], again[i]) {
					t.Fatalf("attribute %v reads back as %v", as[i], again[i])
				}
			}
		}
		if q, err := ParseQuantities(text); err == nil {
			again, err := ParseQuantities(q.String())
			if err != nil || !again.Equal(q) {
				t.Fatalf("quantities %q read back as %v, %v", q, again, err)
			}
		}
	})
}

// FuzzFromProto reads its bytes as a message with repeated resources.
func FuzzFromProto(f *testing.F) {
	for _, texts := range [][]string{
		{cpus, disk}, {volume, volume + "shared {}"}, {mount},
		{cpus + `reservations { type: STATIC role: "a" } reservations { type: DYNAMIC role: "a/b" labels { labels { key: "k" } } } revocable {}`},
		{`name: "ports" type: RANGES ranges { range { begin: 1 end: 5 } range { begin: 6 end: 9 } } allocation_info { role: "a" }`},
		{`name: "zones" type: SET set { item: "a" item: "b" } provider_id { value: "p" }`},
	} {
		data, err := proto.MarshalOptions{AllowPartial: true}.Marshal(&v1.Offer_Operation_Reserve{Resources: messages(f, texts...)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m v1.Offer_Operation_Reserve
		// Partial messages too: validation is the last line before the arithmetic.
		if (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(data, &m) != nil {
			return
		}
		r, err := FromProto(m.Resources)
		if err != nil {
			if !r.IsEmpty() || err.Error() == "" {
				t.Fatalf("FromProto = %v beside error %v", r, err)
			}
			return
		}
		sane(t, r)
	})
}
