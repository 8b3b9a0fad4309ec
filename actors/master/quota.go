package master

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"mesos/actors/allocator"
	"mesos/actors/master/quota"
	"mesos/actors/master/validation"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/resources"
	"mesos/registry"
)

// setQuotas makes quotas durable, then lets the allocator act on them, then takes
// offers back that they do not allow. done is called on the actor after that; it is
// told the code tooMuch if the cluster has not that much.
//
// What the wish must be in keeping with is looked at when the registry comes to
// it: of two that cross each other the second meets what the first has done.
func (m *Master) setQuotas(q quota.Change, tooMuch int, done func(answer)) {
	bad := func(err error) {
		code := http.StatusBadRequest
		if errors.Is(err, quota.ErrTooMuch) {
			code = tooMuch
		}
		done(answer{Code: code, Text: err.Error()})
	}
	if err := validation.QuotaConfigs(q.Configs); err != nil {
		bad(err)
		return
	}
	for _, c := range q.Configs {
		if err := m.roleAllowed(c.GetRole()); err != nil && !q.Known {
			bad(fmt.Errorf("quota_configs: %w", err))
			return
		}
	}
	q.Configs = quota.WithoutZeros(q.Configs)
	var refusal error
	m.keep(func(s *registry.State) ([]registry.Change, error) {
		if refusal = q.Check(quotasIn(s)); refusal != nil {
			return nil, &registry.OperationError{Operation: "set quota", ID: q.Configs[0].GetRole(), Err: registry.ErrConflict, Detail: refusal.Error()}
		}
		return registry.UpdateQuota(q.Configs...)(s)
	}, func(err error) {
		switch {
		case refusal != nil:
			bad(refusal)
		case err != nil:
			done(answer{Code: http.StatusServiceUnavailable, Text: err.Error()})
		default:
			m.quotasKept(q.Configs, done)
		}
	})
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
