package daemon

import (
	"strings"
	"testing"
)

func TestDiscoverIP(t *testing.T) {
	for _, c := range []struct {
		flags map[string]string
		want  string
		err   string // a part of it
	}{
		{nil, "", ""},
		{map[string]string{"ip_discovery_command": "echo 10.1.2.3"}, "10.1.2.3", ""},
		{map[string]string{"ip_discovery_command": "echo ' ::1 '"}, "::1", ""},
		{map[string]string{"ip_discovery_command": "echo eth0"}, "", `printed "eth0", which is not an IP address`},
		{map[string]string{"ip_discovery_command": "true"}, "", `printed "", which is not an IP address`},
		{map[string]string{"ip_discovery_command": "echo no such interface >&2; exit 3"}, "", "exit status 3: no such interface"},
		{map[string]string{"ip_discovery_command": "echo 10.1.2.3", "ip": "10.1.2.4"}, "", "--ip is given, too"},
	} {
		f := MasterFlags()
		f.SetEnvironment(func(string) (string, bool) { return "", false })
		if err := f.SetAll(c.flags); err != nil {
			t.Fatal(err)
		}
		a, err := addressFrom(f)
		switch {
		case c.err == "" && (err != nil || a.IP != c.want):
			t.Errorf("%q: got %q (%v), want %q", c.flags, a.IP, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%q: got error %v, want one with %q", c.flags, err, c.err)
		}
	}
}
