package discovery

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

func TestLabel(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"web", "web"},
		{"My_App.v2", "my-app-v2"},
		{"--a b!c--", "abc"},
		{"日本", ""},
		{strings.Repeat("x", 80), strings.Repeat("x", 63)},
		{strings.Repeat("x", 62) + "--y", strings.Repeat("x", 62)},
	} {
		if got := Label(tt.in); got != tt.want {
			t.Errorf("Label(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := Domain("Group..marathon_x.PROD"); got != "group.marathon-x.prod" {
		t.Errorf("Domain = %q", got)
	}
}

func TestCanonical(t *testing.T) {
	// SHA-1 of "" begins da39a3ee5e: 11011 01000 11100 11010 00111, which are the letters 27, 8, 28, 26 and 7.
	if got, want := canonical("web", "", "0b3c-S12"), "web-5eh48-s12"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := canonical(strings.Repeat("long-", 12)+"x", "t", "S1"); len(got) > 63 || !strings.HasSuffix(got, "-s1") {
		t.Errorf("got %q (%d), want at most 63 letters that end in -s1", got, len(got))
	}
}

// TestZoneModel changes owners at random; a Zone that is kept must tell what one made anew does.
func TestZoneModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	kept, owners := NewZone("mesos"), map[string][]Record{}
	for range 2000 {
		owner := fmt.Sprint(rng.IntN(20))
		var rs []Record
		for range rng.IntN(4) {
			name := fmt.Sprintf("t%d.f%d.mesos", rng.IntN(3), rng.IntN(3))
			if rng.IntN(2) == 0 {
				rs = append(rs, Record{Name: name, Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(rng.IntN(4))})})
			} else {
				rs = append(rs, Record{Name: "_x._tcp." + name, Service: Service{name, uint16(1 + rng.IntN(3))}})
			}
		}
		kept.Set(owner, rs)
		owners[owner] = rs
		fresh := NewZone("mesos")
		fresh.Reset(owners)
		if !reflect.DeepEqual(kept.hosts, fresh.hosts) || !reflect.DeepEqual(kept.services, fresh.services) || !reflect.DeepEqual(kept.names, fresh.names) {
			t.Fatalf("kept %v %v %v,\nwant %v %v %v", kept.hosts, kept.services, kept.names, fresh.hosts, fresh.services, fresh.names)
		}
	}
}

func TestZoneExists(t *testing.T) {
	z := NewZone("mesos")
	a := []Record{{Name: "web.marathon.mesos", Addr: netip.MustParseAddr("10.0.0.1")}}
	z.Set("a", a)
	serial := z.Serial()
	z.Set("a", a)
	if z.Serial() != serial {
		t.Error("the serial changed though nothing did")
	}
	for name, want := range map[string]bool{"mesos": true, "marathon.mesos": true, "web.marathon.mesos": true, "db.marathon.mesos": false} {
		if got := z.Exists(name); got != want {
			t.Errorf("Exists(%q) = %v, want %v", name, got, want)
		}
	}
	z.Set("a", nil)
	if z.Exists("marathon.mesos") || z.Serial() == serial {
		t.Error("what is gone is still there")
	}
}
