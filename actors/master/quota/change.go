// Package quota decides what quotas of roles may be set, and says what is set. Quotas
// are those of package validation's rules that fit the cluster; the master makes a
// [Change] when an operator wishes one, has the registry ask it about what is
// durable by then, and lets the allocator act on it. It keeps nothing.
package quota

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/validation"
	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/resources"
)

// Change is a wish to set the quotas of roles, all or none.
type Change struct {
	Configs []*quotav1.QuotaConfig // without guarantees and limits: the role's quota goes
	// Usage is what the cluster has and uses, of a moment ago. nil: the wish is
	// carried out even if the cluster does not have that much.
	Usage *view.Usage
	Fresh bool // the roles must not have a quota
	Known bool // the roles must have a quota
}

// ErrTooMuch is wrapped by errors of changes that the cluster is too small or too busy for.
var ErrTooMuch = errors.New("set force to do it all the same")

// Check says what stands against the wish where roles have these quotas, which are changed.
func (q Change) Check(quotas map[string]*quotav1.QuotaConfig) error {
	before := map[string]*quotav1.QuotaConfig{}
	for _, c := range q.Configs {
		role, old := c.GetRole(), quotas[c.GetRole()]
		switch {
		case q.Known && old == nil:
			return fmt.Errorf("role %.100q has no quota that could be removed", role)
		case q.Fresh && old != nil:
			return fmt.Errorf("role %.100q has a quota already: remove it first, or change it by UPDATE_QUOTA", role)
		}
		before[role], quotas[role] = old, c
	}
	if err := validation.QuotaTree(quotas); err != nil {
		return err
	}
	if q.Usage == nil {
		return nil
	}
	for _, c := range q.Configs {
		if err := q.fits(c, before[c.GetRole()], quotas); err != nil {
			return fmt.Errorf("%w (%w)", err, ErrTooMuch)
		}
	}
	return nil
}

// fits says whether the cluster has what a quota newly guarantees, and whether
// what the role uses keeps within what it is newly limited to.
func (q Change) fits(c, old *quotav1.QuotaConfig, all map[string]*quotav1.QuotaConfig) error {
	for _, name := range slices.Sorted(maps.Keys(c.GetGuarantees())) {
		want := c.GetGuarantees()[name].GetValue()
		sum, total := validation.GuaranteedBelow(all, "", name), q.Usage.Total.Get(name)
		if want > old.GetGuarantees()[name].GetValue() && sum > total {
			return fmt.Errorf("quota of role %q: the guarantee of %s is %v, and all roles together are guaranteed %v: all agents together have %v", c.GetRole(), name, want, sum, total)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.GetLimits())) {
		limit, used := resources.FromFloat(c.GetLimits()[name].GetValue()), q.Usage.Consumed[c.GetRole()].Get(name)
		if was, ok := old.GetLimits()[name]; ok && limit >= resources.FromFloat(was.GetValue()) {
			continue
		}
		if used > limit {
			return fmt.Errorf("quota of role %q: the limit of %s is %v, and the role already uses %v", c.GetRole(), name, limit, used)
		}
	}
	return nil
}

// WithoutZeros leaves out guarantees of nothing.
func WithoutZeros(configs []*quotav1.QuotaConfig) []*quotav1.QuotaConfig {
	var out []*quotav1.QuotaConfig
	for _, c := range configs {
		c = proto.CloneOf(c)
		maps.DeleteFunc(c.Guarantees, func(_ string, v *v1.Value_Scalar) bool { return resources.FromFloat(v.GetValue()) == 0 })
		out = append(out, c)
	}
	return out
}
