package network

import (
	"net/netip"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

func netipPrefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

func TestWanted(t *testing.T) {
	udp, sctp := mapped(31001, 80), mapped(31001, 80)
	udp.Protocol, sctp.Protocol = new("udp"), new("sctp")
	for _, c := range []struct {
		name  string
		infos []*v1.NetworkInfo
		want  string // of the error; "" for none
	}{
		{"none", nil, ""},
		{"of the machine", []*v1.NetworkInfo{{}, {}}, ""},
		{"two", []*v1.NetworkInfo{named("a"), named("b")}, ""},
		{"tcp and udp", []*v1.NetworkInfo{named("a", mapped(31001, 80), udp)}, ""},
		{"twice", []*v1.NetworkInfo{named("a"), named("b"), named("a")}, `container.network_infos[2].name: network "a" is named twice`},
		{"with that of the machine", []*v1.NetworkInfo{named("a"), {}}, "container.network_infos[1].name: not set"},
		{"protocol", []*v1.NetworkInfo{named("a", sctp)}, `container.network_infos[0].port_mappings[0].protocol "sctp": want tcp or udp`},
		{"port of others", []*v1.NetworkInfo{named("a", mapped(31001, 80), mapped(22, 80))}, "container.network_infos[0].port_mappings[1].host_port 22: want one of"},
		{"port 0", []*v1.NetworkInfo{named("a", mapped(0, 80))}, "host_port 0"},
		{"port of the container", []*v1.NetworkInfo{named("a", mapped(31001, 70000))}, "container_port 70000: want a port"},
		{"same port", []*v1.NetworkInfo{named("a", mapped(31001, 80), mapped(31001, 81))}, "31001/tcp is mapped twice"},
		{"same port of two", []*v1.NetworkInfo{named("a", mapped(31001, 80)), named("b", mapped(31001, 81))}, "container.network_infos[1].port_mappings[0].host_port: 31001/tcp is mapped twice"},
	} {
		k := asking("c", c.infos...)
		_, err := wanted(k.Info, k.Ports)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: got %v, want none", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestFree(t *testing.T) {
	subnet := netipPrefix("10.0.0.0/29") // .1 is the bridge's, .7 is nobody's
	all := claims{}
	last := netip.Addr{}
	for _, want := range []string{"10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"} {
		a, err := all.free(subnet, last)
		if err != nil || a.String() != want {
			t.Fatalf("got %v, %v, want %s", a, err, want)
		}
		all[a], last = claim{}, a
	}
	if a, err := all.free(subnet, last); err == nil {
		t.Errorf("full: got %v, want an error", a)
	}
	delete(all, netip.MustParseAddr("10.0.0.3"))
	delete(all, netip.MustParseAddr("10.0.0.5"))
	for after, want := range map[string]string{"10.0.0.3": "10.0.0.5", "10.0.0.5": "10.0.0.3", "10.0.0.6": "10.0.0.3", "192.0.2.1": "10.0.0.3"} {
		if a, err := all.free(subnet, netip.MustParseAddr(after)); err != nil || a.String() != want {
			t.Errorf("after %s: got %v, %v, want %s", after, a, err, want)
		}
	}
}

func TestReachable(t *testing.T) {
	kept, any := reachable("search a b\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 192.0.2.1\noptions edns0\n")
	if want := "search a b\nnameserver 192.0.2.1\noptions edns0\n"; kept != want || !any {
		t.Errorf("got %q, %v, want %q and a name server", kept, any, want)
	}
	if _, any := reachable("nameserver 127.0.0.1\n"); any {
		t.Error("got a name server, want none")
	}
}

// TestBridgeChoosesAddresses asks for addresses that the bridge does not give.
func TestBridgeChoosesAddresses(t *testing.T) {
	b := &bridge{name: "mesos0"}
	for _, c := range []struct {
		ip   *v1.NetworkInfo_IPAddress
		want string
	}{
		{&v1.NetworkInfo_IPAddress{}, ""},
		{&v1.NetworkInfo_IPAddress{Protocol: v1.NetworkInfo_IPv4.Enum()}, ""},
		{&v1.NetworkInfo_IPAddress{IpAddress: new("10.1.2.3")}, "ip_addresses[0].ip_address 10.1.2.3: network mesos0 chooses"},
		{&v1.NetworkInfo_IPAddress{Protocol: v1.NetworkInfo_IPv6.Enum()}, "ip_addresses[0].protocol IPv6: network mesos0 has"},
	} {
		n := named("mesos0")
		n.IpAddresses = []*v1.NetworkInfo_IPAddress{c.ip}
		_, err := b.find(&attachment{Network: "mesos0"}, want{info: n})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: got %v, want %q", c.ip, err, c.want)
		}
	}
}
