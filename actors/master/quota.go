package master

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/actors/master/validation"
	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/resources"
	"mesos/registry"
)

// quotaChange is a wish to set the quotas of roles, all or none.
type quotaChange struct {
	configs []*quotav1.QuotaConfig // without guarantees and limits: the role's quota goes
	// usage is what the cluster has and uses, of a moment ago. nil: the wish is
	// carried out even if the cluster does not have that much.
	usage   *view.Usage
	tooMuch int  // the HTTP code if it has not
	fresh   bool // the roles must not have a quota
	known   bool // the roles must have a quota
}

// setQuotas makes quotas durable, then lets the allocator act on them, then takes
// offers back that they do not allow. done is called on the actor after that.
//
// What the wish must be in keeping with is looked at when the registry comes to
// it: of two that cross each other the second meets what the first has done.
func (m *Master) setQuotas(q quotaChange, done func(answer)) {
	bad := func(err error) { done(answer{Code: http.StatusBadRequest, Text: err.Error()}) }
	if err := validation.QuotaConfigs(q.configs); err != nil {
		bad(err)
		return
	}
	for _, c := range q.configs {
		if err := m.roleAllowed(c.GetRole()); err != nil && !q.known {
			bad(fmt.Errorf("quota_configs: %w", err))
			return
		}
	}
	q.configs = withoutZeros(q.configs)
	var refusal answer
	m.keep(func(s *registry.State) ([]registry.Change, error) {
		if refusal = q.check(s); refusal.Text != "" {
			return nil, &registry.OperationError{Operation: "set quota", ID: q.configs[0].GetRole(), Err: registry.ErrConflict, Detail: refusal.Text}
		}
		return registry.UpdateQuota(q.configs...)(s)
	}, func(err error) {
		switch {
		case refusal.Text != "":
			done(refusal)
		case err != nil:
			done(answer{Code: http.StatusServiceUnavailable, Text: err.Error()})
		default:
			m.quotasKept(q.configs, done)
		}
	})
}

// withoutZeros leaves out guarantees of nothing.
func withoutZeros(configs []*quotav1.QuotaConfig) []*quotav1.QuotaConfig {
	var out []*quotav1.QuotaConfig
	for _, c := range configs {
		c = proto.CloneOf(c)
		maps.DeleteFunc(c.Guarantees, func(_ string, v *v1.Value_Scalar) bool { return resources.FromFloat(v.GetValue()) == 0 })
		out = append(out, c)
	}
	return out
}

// quotasKept goes on when quotas are durable.
func (m *Master) quotasKept(configs []*quotav1.QuotaConfig, done func(answer)) {
	byRole := map[string]*quotav1.QuotaConfig{}
	for _, c := range configs {
		byRole[c.GetRole()] = c
		m.log.Info("quota set", "role", c.GetRole(), "guarantees", c.GetGuarantees(), "limits", c.GetLimits())
	}
	m.applyQuotas(byRole)
	waiting := len(byRole)
	for role := range byRole {
		// The allocator answers when it knows the quota; what it offered before is
		// here by then.
		m.alloc.ExplainRole(role, func(x allocator.RoleExplanation, _ bool) {
			m.p.Dispatch(func() {
				m.rescindBeyond(role, x)
				m.rescindFor(role, x)
				if waiting--; waiting == 0 {
					done(answer{Code: http.StatusOK})
				}
			})
		})
	}
}

// check says what stands against the wish in a state, nothing if it may be done.
func (q quotaChange) check(s *registry.State) answer {
	refuse := func(code int, format string, args ...any) answer {
		return answer{Code: code, Text: fmt.Sprintf(format, args...)}
	}
	quotas, before := map[string]*quotav1.QuotaConfig{}, map[string]*quotav1.QuotaConfig{}
	for _, role := range s.Keys(registry.Quota) {
		quotas[role] = s.Quota(role)
	}
	for _, c := range q.configs {
		role, old := c.GetRole(), quotas[c.GetRole()]
		switch {
		case q.known && old == nil:
			return refuse(http.StatusBadRequest, "role %.100q has no quota that could be removed", role)
		case q.fresh && old != nil:
			return refuse(http.StatusBadRequest, "role %.100q has a quota already: remove it first, or change it by UPDATE_QUOTA", role)
		}
		before[role], quotas[role] = old, c
	}
	if err := validation.QuotaTree(quotas); err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	if q.usage == nil {
		return answer{}
	}
	for _, c := range q.configs {
		if err := q.fits(c, before[c.GetRole()], quotas); err != nil {
			return refuse(q.tooMuch, "%v (set force to do it all the same)", err)
		}
	}
	return answer{}
}

// fits says whether the cluster has what a quota newly guarantees, and whether
// what the role uses keeps within what it is newly limited to.
func (q quotaChange) fits(c, old *quotav1.QuotaConfig, all map[string]*quotav1.QuotaConfig) error {
	for _, name := range slices.Sorted(maps.Keys(c.GetGuarantees())) {
		want := c.GetGuarantees()[name].GetValue()
		sum, total := validation.GuaranteedBelow(all, "", name), q.usage.Total.Get(name)
		if want > old.GetGuarantees()[name].GetValue() && sum > total {
			return fmt.Errorf("quota of role %q: the guarantee of %s is %v, and all roles together are guaranteed %v: all agents together have %v", c.GetRole(), name, want, sum, total)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.GetLimits())) {
		limit, used := resources.FromFloat(c.GetLimits()[name].GetValue()), q.usage.Consumed[c.GetRole()].Get(name)
		if was, ok := old.GetLimits()[name]; ok && limit >= resources.FromFloat(was.GetValue()) {
			continue
		}
		if used > limit {
			return fmt.Errorf("quota of role %q: the limit of %s is %v, and the role already uses %v", c.GetRole(), name, limit, used)
		}
	}
	return nil
}

// rescindBeyond takes offers of a role back until it is within its limits, or has
// no more offers.
func (m *Master) rescindBeyond(role string, x allocator.RoleExplanation) {
	for name, limit := range x.Limits {
		over := x.Charged[name] - limit
		for _, o := range m.offersBy(func(o *offer) bool { return within(o.role, role) }) {
			n := amountOf(o, name, func(r resources.Resource) bool { return !r.IsReserved() || !within(r.Role(), role) })
			if over > 0 && n > 0 {
				over -= n
				m.log.Info("offer is beyond a quota limit", "role", role, "resource", name, "limit", limit, "framework_id", o.frameworkID, "offer_id", o.id)
				m.rescind(o, nil)
			}
		}
	}
}

// rescindFor takes offers of other roles back until what a role is guaranteed is
// free, or there is nothing left to take.
func (m *Master) rescindFor(role string, x allocator.RoleExplanation) {
	for name, short := range x.Short {
		short = min(short, x.Lacks[name])
		for _, o := range m.offersBy(func(o *offer) bool { return !m.guaranteed(o.role, name) }) {
			n := amountOf(o, name, func(r resources.Resource) bool { return !r.IsReserved() })
			if short > 0 && n > 0 {
				short -= n
				m.log.Info("offer makes room for a guarantee", "role", role, "resource", name, "framework_id", o.frameworkID, "offer_id", o.id)
				m.rescind(o, nil)
			}
		}
	}
}

// guaranteed says whether a role or one above it is guaranteed some of a resource.
func (m *Master) guaranteed(role, name string) bool {
	for r, c := range m.roleSettings.quotas {
		if within(role, r) && c.GetGuarantees()[name].GetValue() > 0 {
			return true
		}
	}
	return false
}

// offersBy are the offers of a kind, the newest first.
func (m *Master) offersBy(keep func(*offer) bool) []*offer {
	var out []*offer
	for _, o := range m.offers {
		if keep(o) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(x, y *offer) int { return cmp.Or(y.made.Compare(x.made), cmp.Compare(x.id, y.id)) })
	return out
}

// amountOf is how much of a resource an offer holds that counts.
func amountOf(o *offer, name string, counts func(resources.Resource) bool) (sum resources.Quantity) {
	for r := range o.resources.All() {
		if r.Name() == name && !r.IsRevocable() && !r.IsShared() && counts(r) {
			sum += r.Quantity()
		}
	}
	return sum
}

// within says whether a role is another one or below it.
func within(role, above string) bool {
	return role == above || resources.IsStrictSubrole(role, above)
}

// quotaStatus is what GET_QUOTA tells: configs as they are, and in the older form
// what is guaranteed.
func quotaStatus(quotas map[string]*quotav1.QuotaConfig) *quotav1.QuotaStatus {
	s := &quotav1.QuotaStatus{}
	for _, role := range slices.Sorted(maps.Keys(quotas)) {
		c := quotas[role]
		s.Configs = append(s.Configs, c)
		if len(c.GetGuarantees()) == 0 {
			continue
		}
		info := &quotav1.QuotaInfo{Role: c.Role}
		for _, name := range slices.Sorted(maps.Keys(c.GetGuarantees())) {
			info.Guarantee = append(info.Guarantee, &v1.Resource{
				Name: proto.String(name), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(c.GetGuarantees()[name].GetValue())},
			})
		}
		s.Infos = append(s.Infos, info)
	}
	return s
}
