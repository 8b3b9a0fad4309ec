package master

import (
	"fmt"
	"slices"

	"mesos/actors/allocator"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

// wishes are what a framework wants to be offered: its offer_filters and
// offer_constraints, in the allocator's form. They are replaced as a whole.
type wishes struct {
	minimums    map[string][]resources.Quantities
	constraints map[string]*allocator.Constraint
	said        *schedulerv1.OfferConstraints // for readers; never changed
}

// wishesOf checks what a framework wants to be offered. Roles that it does not
// have are refused: they are mistakes that would otherwise stay unseen.
func (m *Master) wishesOf(info *v1.FrameworkInfo, constraints *schedulerv1.OfferConstraints) (wishes, error) {
	w := wishes{said: constraints}
	roles := rolesOf(info)
	for role := range info.GetOfferFilters() {
		if !slices.Contains(roles, role) {
			return w, fmt.Errorf("framework_info.offer_filters[%q]: the role is not among the framework's roles %q", role, roles)
		}
	}
	for role := range constraints.GetRoleConstraints() {
		if !slices.Contains(roles, role) {
			return w, fmt.Errorf("offer_constraints.role_constraints[%q]: the role is not among the framework's roles %q", role, roles)
		}
	}
	var err error
	if w.minimums, err = allocator.MinimumsFrom(info.GetOfferFilters()); err != nil {
		return w, fmt.Errorf("framework_info.%w", err)
	}
	w.constraints, err = allocator.CompileConstraints(constraints, m.conf.OfferConstraints)
	return w, err
}

// suppress notes for readers which roles of a framework get no offers; nil roles are all.
func (f *framework) suppress(roles []string, on bool) {
	next := map[string]bool{}
	for _, r := range f.roles {
		next[r] = f.suppressed[r]
		if len(roles) == 0 || slices.Contains(roles, r) {
			next[r] = on
		}
	}
	f.suppressed = next
}

// suppressOnly notes that just these roles get no offers.
func (f *framework) suppressOnly(roles []string) {
	f.suppress(nil, false)
	if len(roles) > 0 {
		f.suppress(roles, true)
	}
}
