package daemon

import (
	"strings"
	"testing"
)

func TestDNSFrom(t *testing.T) {
	got, err := dnsFrom(`{"mesos": [{"network_mode": "CNI", "network_name": "a", "dns": {"nameservers": ["192.0.2.1"], "search": ["x"]}},
		{"network_mode": "CNI", "dns": {"nameservers": ["2001:db8::1"], "options": ["ndots:2"], "domain": "d"}}]}`)
	if err != nil || len(got) != 2 || got["a"].Servers[0] != "192.0.2.1" || got["a"].Search[0] != "x" || got[""].Options[0] != "ndots:2" || got[""].Domain != "d" {
		t.Errorf("got %v, %v, want that of a and of all others", got, err)
	}
	for text, want := range map[string]string{
		`{`:                "want JSON",
		`{"docker": [{}]}`: "docker",
		`{"mesos": [{"network_mode": "HOST", "dns": {}}]}`:                                               "mesos[0].network_mode \"HOST\"",
		`{"mesos": [{"network_mode": "CNI"}]}`:                                                           "mesos[0].dns must",
		`{"mesos": [{"network_mode": "CNI", "dns": {}}, {"network_mode": "CNI", "dns": {}}]}`:            "mesos[1].network_name",
		`{"mesos": [{"network_mode": "CNI", "dns": {"nameservers": ["192.0.2.1", "dns.example.com"]}}]}`: "mesos[0].dns.nameservers[1]",
	} {
		if _, err := dnsFrom(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestUnheard(t *testing.T) {
	for _, c := range []struct {
		list, addr string
		want       bool
	}{
		{"network/cni", "127.0.0.1:5051", true}, {"posix/cpu, network/bridge", "[::1]:5051", true}, {"network/cni", "192.0.2.1:5051", false},
		{"posix/cpu,network/ports", "127.0.0.1:5051", false},
	} {
		if got := unheard(c.list, c.addr) != ""; got != c.want {
			t.Errorf("%s at %s: got %v, want %v", c.list, c.addr, got, c.want)
		}
	}
}
