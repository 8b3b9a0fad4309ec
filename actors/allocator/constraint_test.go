package allocator

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

// constraints are those of role "a" with the given groups, as JSON.
func constraints(t *testing.T, groups string) *schedulerv1.OfferConstraints {
	t.Helper()
	o := &schedulerv1.OfferConstraints{}
	if err := protojson.Unmarshal([]byte(`{"role_constraints":{"a":{"groups":`+groups+`}}}`), o); err != nil {
		t.Fatal(err)
	}
	return o
}

func rack(predicate string) string {
	return `[{"attribute_constraints":[{"selector":{"attribute_name":"rack"},"predicate":` + predicate + `}]}]`
}

func TestConstraint(t *testing.T) {
	region, zone := "eu", "eu-1"
	agents := map[string]Agent{
		"abc": {Hostname: "host1", Domain: &v1.DomainInfo{FaultDomain: &v1.DomainInfo_FaultDomain{
			Region: &v1.DomainInfo_FaultDomain_RegionInfo{Name: &region}, Zone: &v1.DomainInfo_FaultDomain_ZoneInfo{Name: &zone},
		}}},
		"number": {Hostname: "host2"},
		"none":   {Hostname: "host3"},
	}
	for id, text := range map[string]string{"abc": "rack:abc;rack:zzz;os:linux", "number": "rack:7;os:linux", "none": "os:linux"} {
		a := agents[id]
		var err error
		if a.Attributes, err = resources.ParseAttributes(text); err != nil {
			t.Fatal(err)
		}
		agents[id] = a
	}
	pseudo := func(name, predicate string) string {
		return `[{"attribute_constraints":[{"selector":{"pseudoattribute_type":"` + name + `"},"predicate":` + predicate + `}]}]`
	}
	for _, tt := range []struct{ groups, want string }{
		{rack(`{"exists":{}}`), "abc number"},
		{rack(`{"not_exists":{}}`), "none"},
		{rack(`{"text_equals":{"value":"abc"}}`), "abc number"},
		{rack(`{"text_equals":{"value":"zzz"}}`), "number"}, // the second of that name does not count
		{rack(`{"text_not_equals":{"value":"abc"}}`), "none number"},
		{rack(`{"text_matches":{"regex":"a.c"}}`), "abc number"},
		{rack(`{"text_matches":{"regex":"b"}}`), "number"}, // the whole must match
		{rack(`{"text_matches":{"regex":"b|abc|c"}}`), "abc number"},
		{rack(`{"text_not_matches":{"regex":"[a-c]+"}}`), "none number"},
		{pseudo("HOSTNAME", `{"text_matches":{"regex":"host[13]"}}`), "abc none"},
		{pseudo("REGION", `{"text_equals":{"value":"eu"}}`), "abc"},
		{pseudo("ZONE", `{"not_exists":{}}`), "none number"},
		{`[{"attribute_constraints":[
			{"selector":{"attribute_name":"os"},"predicate":{"text_equals":{"value":"linux"}}},
			{"selector":{"attribute_name":"rack"},"predicate":{"not_exists":{}}}]},
		  {"attribute_constraints":[{"selector":{"pseudoattribute_type":"HOSTNAME"},"predicate":{"text_equals":{"value":"host2"}}}]}]`, "none number"},
	} {
		c, err := CompileConstraints(constraints(t, tt.groups), RegexpLimits{})
		if err != nil {
			t.Errorf("%s: %v", tt.groups, err)
			continue
		}
		var got []string
		for _, id := range sortedKeys(agents) {
			if a := agents[id]; c["a"].Admits(&a) {
				got = append(got, id)
			}
		}
		if g := strings.Join(got, " "); g != tt.want {
			t.Errorf("%s: got agents %q, want %q", tt.groups, g, tt.want)
		}
	}
}

func TestConstraintErrors(t *testing.T) {
	for _, tt := range []struct {
		groups string
		limits RegexpLimits
		want   string
	}{
		{`[]`, RegexpLimits{}, `role_constraints["a"].groups is empty`},
		{`[{}]`, RegexpLimits{}, `groups[0].attribute_constraints is empty`},
		{`[{"attribute_constraints":[{"selector":{},"predicate":{"exists":{}}}]}]`, RegexpLimits{}, `attribute_constraints[0].selector is missing`},
		{`[{"attribute_constraints":[{"selector":{"pseudoattribute_type":"UNKNOWN"},"predicate":{"exists":{}}}]}]`, RegexpLimits{}, `pseudoattribute_type UNKNOWN`},
		{rack(`{}`), RegexpLimits{}, `predicate is missing`},
		{rack(`{"text_matches":{"regex":"(a"}}`), RegexpLimits{}, `text_matches.regex "(a"`},
		{rack(`{"text_not_matches":{"regex":"a{120}"}}`), RegexpLimits{}, `instructions, at most 100`},
		{rack(`{"text_not_matches":{"regex":"a{50}"}}`), RegexpLimits{MaxProgramSize: 10}, `at most 10`},
		{rack(`{"text_matches":{"regex":"a{50}"}}`), RegexpLimits{MaxMemory: 500}, `bytes, at most 500`},
	} {
		if _, err := CompileConstraints(constraints(t, tt.groups), tt.limits); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.groups, err, tt.want)
		}
	}
}

// TestConstraintChanges: offers follow constraints and attributes as they change.
func TestConstraintChanges(t *testing.T) {
	set := func(w *world, groups string) {
		c, err := CompileConstraints(constraints(t, groups), RegexpLimits{})
		if err != nil {
			t.Fatal(err)
		}
		w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"a", "b"}, Constraints: c, Suppressed: []string{"b"}})
	}
	agent := func(id, attributes string) Agent {
		as, err := resources.ParseAttributes(attributes)
		if err != nil {
			t.Fatal(err)
		}
		return Agent{ID: id, Total: res("cpus:1"), Attributes: as}
	}
	w := newWorld(t, Options{})
	w.framework("f1", "a", "b")
	w.c.Suppress("f1", []string{"b"})
	set(w, rack(`{"text_equals":{"value":"r1"}}`))
	w.c.AddAgent(agent("S0", "rack:r0"), nil)
	w.c.AddAgent(agent("S1", "rack:r1"), nil)
	w.expect("f1/a S1 cpus:1")
	if got, ok := w.c.Explain("f1", "a"); !ok || got.Reasons[0].Reason != Unwanted || got.Reasons[0].AgentID != "S0" {
		t.Errorf("got %v, want an offer constraint to keep S0", got.Reasons)
	}
	w.c.UpdateAgent(agent("S0", "rack:r1"))
	w.expect("f1/a S0 cpus:1")
	w.c.AddAgent(agent("S2", "rack:r2"), nil)
	w.expect()
	set(w, rack(`{"text_equals":{"value":"r2"}}`))
	w.expect("f1/a S2 cpus:1")
	w.c.AddAgent(agent("S3", "rack:r3"), nil)
	w.expect()
	w.c.Revive("f1", []string{"b"}) // which has no constraints
	w.expect("f1/b S3 cpus:1")
}

// TestOwnMinimum: a framework's own minimum replaces the master's, per role.
func TestOwnMinimum(t *testing.T) {
	w := newWorld(t, Options{})
	w.c.AddFramework(Framework{ID: "f1", Roles: []string{"a", "b"}, MinAllocatable: map[string][]resources.Quantities{
		"a": {quantities("cpus:2;mem:64"), quantities("gpus:1")}, "b": nil,
	}}, true, nil)
	w.agent("S0", "cpus:2;mem:64")
	w.agent("S1", "cpus:2;mem:63")
	w.agent("S2", "cpus:0.001")
	w.agent("S3", "gpus:1")
	w.c.Suppress("f1", []string{"b"})
	w.expect("f1/a S0 cpus:2;mem:64", "f1/a S3 gpus:1")
	x, _ := w.c.Explain("f1", "a")
	if r := x.Reasons[0]; r.Reason != Minimum || r.AgentID != "S1" || r.Missing.String() != quantities("mem:1").String() {
		t.Errorf("got %+v, want S1 to miss mem:1", r)
	}
	w.c.Revive("f1", []string{"b"})
	w.expect("f1/b S1 cpus:2;mem:63", "f1/b S2 cpus:0.001")
}
