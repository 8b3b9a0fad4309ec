package master

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// onHost are constraints of a role to agents whose hostname matches.
func onHost(role, regex string) *schedulerv1.OfferConstraints {
	return &schedulerv1.OfferConstraints{RoleConstraints: map[string]*schedulerv1.OfferConstraints_RoleConstraints{
		role: {Groups: []*schedulerv1.OfferConstraints_RoleConstraints_Group{{AttributeConstraints: []*schedulerv1.AttributeConstraint{{
			Selector: &schedulerv1.AttributeConstraint_Selector{Selector: &schedulerv1.AttributeConstraint_Selector_PseudoattributeType_{
				PseudoattributeType: schedulerv1.AttributeConstraint_Selector_HOSTNAME,
			}},
			Predicate: &schedulerv1.AttributeConstraint_Predicate{Predicate: &schedulerv1.AttributeConstraint_Predicate_TextMatches_{
				TextMatches: &schedulerv1.AttributeConstraint_Predicate_TextMatches{Regex: proto.String(regex)},
			}},
		}}}}},
	}}
}

func atLeast(role string, cpus float64) map[string]*v1.OfferFilters {
	return map[string]*v1.OfferFilters{role: {MinAllocatableResources: &v1.OfferFilters_MinAllocatableResources{
		Quantities: []*v1.OfferFilters_ResourceQuantities{{Quantities: map[string]*v1.Value_Scalar{"cpus": {Value: proto.Float64(cpus)}}}},
	}}}
}

// TestWishes changes what a framework wants to be offered and looks at what
// reaches the allocator, or at the refusal.
func TestWishes(t *testing.T) {
	s := stand(t, Config{})
	id := s.framework(t, webFramework)
	role := webFramework.GetRoles()[0]
	for _, c := range []struct {
		name        string
		filters     map[string]*v1.OfferFilters
		constraints *schedulerv1.OfferConstraints
		words       string // of the refusal; "" = it is taken
	}{
		{"constraint and minimum", atLeast(role, 2), onHost(role, "h[0-9]"), ""},
		{"nothing any more", nil, nil, ""},
		{"constraint in another role", nil, onHost("nobody", "h"), `offer_constraints.role_constraints["nobody"]`},
		{"minimum in another role", atLeast("nobody", 1), nil, `offer_filters["nobody"]`},
		{"negative minimum", atLeast(role, -1), nil, `quantities["cpus"] is -1`},
		{"bad expression", nil, onHost(role, "("), "predicate.text_matches.regex"},
		{"expression too large", nil, onHost(role, "[a-z]{90}[0-9]{90}"), "too complex"},
	} {
		t.Run(c.name, func(t *testing.T) {
			info := proto.CloneOf(webFramework)
			info.Id, info.OfferFilters = ids.Framework(id), c.filters
			s.do(t, func() {
				f := s.frameworks[id]
				ans := s.call(f, &schedulerv1.Call{Type: schedulerv1.Call_UPDATE_FRAMEWORK.Enum(), UpdateFramework: &schedulerv1.Call_UpdateFramework{
					FrameworkInfo: info, OfferConstraints: c.constraints,
				}})
				if c.words != "" {
					if ans.Code != http.StatusBadRequest || !strings.Contains(ans.Text, c.words) {
						t.Errorf("answered %d %q, want 400 with %q", ans.Code, ans.Text, c.words)
					}
					return
				}
				v := s.allocatorView(f, nil)
				if ans.Code != http.StatusOK || (v.Constraints[role] != nil) != (c.constraints != nil) || len(v.MinAllocatable) != len(c.filters) {
					t.Errorf("answered %d %q and the allocator knows %v, want the wishes", ans.Code, ans.Text, v)
				}
				if got := viewFramework(f).OfferConstraints; !proto.Equal(got, c.constraints) {
					t.Errorf("readers see %v, want %v", got, c.constraints)
				}
			})
		})
	}
}

func TestRemote(t *testing.T) {
	domain := func(region string) *v1.DomainInfo {
		return &v1.DomainInfo{FaultDomain: &v1.DomainInfo_FaultDomain{
			Region: &v1.DomainInfo_FaultDomain_RegionInfo{Name: &region}, Zone: &v1.DomainInfo_FaultDomain_ZoneInfo{Name: proto.String("z")},
		}}
	}
	for _, c := range []struct {
		here, there *v1.DomainInfo
		want        bool
	}{
		{nil, nil, false}, {domain("a"), nil, false}, {nil, domain("a"), false}, {domain("a"), domain("a"), false}, {domain("a"), domain("b"), true},
	} {
		m := New(Config{Domain: c.here})
		if got := m.remote(c.there); got != c.want {
			t.Errorf("agent in %v of a master in %v: got remote %v, want %v", c.there, c.here, got, c.want)
		}
	}
}
