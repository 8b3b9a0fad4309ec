package resources

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, role, want string }{
		{"cpus:4;mem:4096;ports:[31000-32000];disks:{a,b};cpus(role):2", "*", "cpus:4; cpus(role):2; mem:4096; ports:[31000-32000]; disks:{a, b}"},
		{" cpus : 4 ;\n mem:0.5;;", "*", "cpus:4; mem:0.5"},
		{"cpus:4;cpus:1", "*", "cpus:5"},
		{"cpus:4;mem(b):1;disk(*):2", "a", "cpus(a):4; mem(b):1; disk:2"},
		{"ports:[5-9, 1-2, 3-3, 4-6]", "*", "ports:[1-9]"},
		{"ports:[];zones:{};cpus:0", "*", "{}"},
		{"zones:{b, a,}", "*", "zones:{a, b}"},
		{"", "*", "{}"},
		{"{}", "*", "{}"},
		{"[]", "*", "{}"},
		{`[{"name":"cpus","type":"SCALAR","scalar":{"value":4}},
		   {"name":"mem","type":"SCALAR","scalar":{"value":64},"role":"x"},
		   {"name":"ports","type":"RANGES","ranges":{"range":[{"begin":1,"end":5}]},"reservations":[{"type":"STATIC","role":"y"}]}]`,
			"d", "cpus(d):4; mem(x):64; ports(y):[1-5]"},
		{`[{"name":"disk","type":"SCALAR","scalar":{"value":64},"disk":{"source":{"type":"MOUNT","mount":{"root":"/mnt/a"}}}}]`, "*", "disk[MOUNT /mnt/a]:64"},
	} {
		r, err := Parse(c.text, c.role)
		if err != nil || r.String() != c.want {
			t.Errorf("Parse(%q, %q) = %v, %v, want %v", c.text, c.role, r, err, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"cpus", `resources[0] "cpus" must be name:value`},
		{"mem:1;cpus=4", `resources[1] "cpus=4" must be name:value`},
		{"mem:1;cpus(a:4", `resources[1] "cpus(a:4": role must end with )`},
		{"cpus(a)4", `must be name:value or name(role):value`},
		{":4", `resources[0]: name must not be empty`},
		{"cpus:", `resources[0] "cpus": value must not be empty`},
		{"cpus:-1", `resources[0] "cpus": value "-1" must not be negative`},
		{"cpus:four", `resources[0] "cpus": value "four" must be a number, ranges such as [1-2], or a set such as {a, b}`},
		{"cpus:0x4", `must be a number`},
		{"cpus:inf", `must be a number`},
		{"cpus:0.0001", `resources[0] "cpus": scalar.value 0.0001 must be 0 or at least 0.001`},
		{"cpus():1", `resources[0] "cpus": role must not be empty`},
		{"cpus(a b):1", `resources[0] "cpus": role "a b" must not have white space`},
		{"cpus(/a):1", `must not begin or end with a slash`},
		{"ports:[1-2", `resources[0] "ports": value "[1-2" must end with its only ]`},
		{"ports:[1]", `range "1" must be two whole numbers`},
		{"ports:[2-1]", `range "2-1" must not begin after its end`},
		{"ports:[1-99999999999999999999]", `must be two whole numbers`},
		{"ports:[[1-2]]", `must end with its only ]`},
		{"ports:1-2]", `must have brackets only around all of it`},
		{"zones:{a,a}", `resources[0] "zones": item "a" must not occur twice`},
		{"zones:{a}b", `must end with its only }`},
		{"a:1;a:[1-2]", `resources[1] "a": type RANGES must be SCALAR, as before for this name`},
		{`[{"name":"cpus","type":"SCALAR","scalar":{"value":4}}`, `resources must be a JSON array`},
		{`[{"name":"cpus","type":"SCALAR","scalar":{"value":4}},{"name":"mem","type":"SCALAR","scalar":{"value":"x"}}]`, `resources[1]: scalar.value`},
		{`[{"name":"cpus","type":"SCALAR","scalar":{"value":4},"revocable":{}}]`, `resources[0] "cpus": revocable must not be set`},
		{`[{"name":"cpus","type":"SCALAR","scalar":{"value":4},"role":"a","reservation":{}}]`, `resources[0] "cpus": reservation must not be set`},
		{`[{"name":"cpus","type":"SCALAR","scalar":{"value":4},"reservations":[{"type":"DYNAMIC","role":"a"}]}]`, `reservations[0].type must be STATIC`},
		{`[{"name":"cpus","type":"SCALAR","scalar":{"value":4},"allocation_info":{"role":"a"}}]`, `allocation_info must not be set`},
		{`[{"name":"disk","type":"SCALAR","scalar":{"value":4},"disk":{"persistence":{"id":"v"}}}]`, `disk.persistence must not be set`},
	} {
		r, err := Parse(c.text, "*")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q) = %v, %v, want error with %s", c.text, r, err, c.want)
		}
		if !r.IsEmpty() {
			t.Errorf("Parse(%q) = %v beside its error, want nothing", c.text, r)
		}
	}
}

// TestStringRoundTrip: the text form reads back what it can say.
func TestStringRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, _ := draw(t)
		r = r.Filter(func(e Resource) bool {
			stack := e.ReservationStack()
			return e.AllocationRole() == "" && e.Disk() == nil && !e.IsRevocable() && e.ProviderID() == "" &&
				(len(stack) == 0 || len(stack) == 1 && !e.IsDynamicallyReserved() && stack[0].Principal == nil && stack[0].Labels == nil)
		})
		again, err := Parse(r.String(), "*")
		if err != nil || !again.Equal(r) {
			t.Fatalf("Parse(%q) = %v, %v", r.String(), again, err)
		}
	})
}

func TestStringOfAll(t *testing.T) {
	r := from(t, volume+`shared {} allocation_info { role: "w" } revocable {} provider_id { value: "p" }`,
		cpus+`reservations { type: STATIC role: "a" principal: "me" } reservations { type: DYNAMIC role: "a/b" labels { labels { key: "k" value: "v" } labels { key: "l" } } }`)
	want := `cpus(reservations: [(STATIC,a,me), (DYNAMIC,a/b,k=v,l)]):1; ` +
		`disk(reservations: [(DYNAMIC,a)])(allocated: w)[v:x](provider: p){REV}<SHARED>:32`
	want = strings.Replace(want, ":32", ":16<2>", 1)
	if got := r.Add(r.Shared()).String(); got != want {
		t.Errorf("String\n got %s\nwant %s", got, want)
	}
}

func TestRoles(t *testing.T) {
	for role, want := range map[string]string{
		"*": "", "web": "", "eng/web-1/x.y": "", "ünï": "", "a*": "",
		"": "empty", ".": ". or ..", "a/..": ". or ..", "/a": "slash", "a/": "slash", "a//b": "slash", "/": "slash",
		"-a": "dash", "a/-b": "dash", "a b": "white space", "a\tb": "white space", "a\x7f": "backspace", "a\x00": "control",
		"a/*": "every role", "\xff": "UTF-8", strings.Repeat("x ", 10<<10): "white space",
	} {
		err := ValidateRole(role)
		switch {
		case want == "" && err != nil:
			t.Errorf("ValidateRole(%q) = %v, want valid", role, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 300):
			t.Errorf("ValidateRole(%.20q) = %v, want a short error with %q", role, err, want)
		}
	}
}
