package validation

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	v1 "mesos/messages/mesos/v1"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/resources"
)

// maxAmount is the largest amount that has three exact decimals as it travels.
const maxAmount = float64(1<<53) / 1000

// QuotaConfigs checks quotas that shall be set together, each for itself.
func QuotaConfigs(configs []*quotav1.QuotaConfig) error {
	if len(configs) == 0 {
		return errors.New("quota_configs is empty: name at least one role")
	}
	seen := map[string]bool{}
	for i, c := range configs {
		field := fmt.Sprintf("quota_configs[%d]", i)
		if err := settableRole(field+".role", c.GetRole()); err != nil {
			return err
		}
		if seen[c.GetRole()] {
			return fmt.Errorf("%s.role %q is named twice", field, c.GetRole())
		}
		seen[c.GetRole()] = true
		if err := errors.Join(amounts(field+".guarantees", c.GetGuarantees()), amounts(field+".limits", c.GetLimits())); err != nil {
			return err
		}
	}
	return nil
}

// settableRole says whether a role may have a quota.
func settableRole(field, role string) error {
	if err := resources.ValidateRole(role); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	if role == "*" {
		return fmt.Errorf("%s %q cannot have a quota: it is the role of everybody who has none", field, role)
	}
	return nil
}

func amounts(field string, m map[string]*v1.Value_Scalar) error {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name == "" {
			return fmt.Errorf("%s has an empty resource name", field)
		}
		if v := m[name].GetValue(); !(v >= 0 && v <= maxAmount) { // NaN fails too
			return fmt.Errorf("%s[%q] is %v: it must be a number from 0 to %.0f", field, name, v, maxAmount)
		}
	}
	return nil
}

// GuaranteeOf checks the resources of an old quota request and returns them by name.
func GuaranteeOf(list []*v1.Resource) (map[string]*v1.Value_Scalar, error) {
	out := map[string]*v1.Value_Scalar{}
	for i, r := range list {
		field := fmt.Sprintf("guarantee[%d]", i)
		name := r.GetName()
		switch {
		case r.GetType() != v1.Value_SCALAR || r.Scalar == nil:
			return nil, fmt.Errorf("%s %q is of type %s: only scalars can be guaranteed", field, name, r.GetType())
		case r.Role != nil && r.GetRole() != "*", len(r.GetReservations()) > 0, r.Reservation != nil:
			return nil, fmt.Errorf("%s %q must not have a role or reservation: the role of the quota is role", field, name)
		case r.Disk != nil || r.Revocable != nil || r.Shared != nil:
			return nil, fmt.Errorf("%s %q must not have disk, revocable or shared: a guarantee is an amount", field, name)
		case out[name] != nil:
			return nil, fmt.Errorf("%s %q is named twice", field, name)
		}
		out[name] = r.Scalar
	}
	if len(out) == 0 {
		return nil, errors.New("guarantee is empty: give at least one scalar")
	}
	return out, amounts("guarantee", out)
}

// QuotaTree checks quotas, by role, that shall hold together: a guarantee is at
// most the limit of the role, and what the roles below a role are guaranteed
// together is at most what it is guaranteed and limited to; a limit is at most
// those of the roles above. Where a role says nothing of a resource, the next one
// above it counts.
func QuotaTree(quotas map[string]*quotav1.QuotaConfig) error {
	for _, role := range slices.Sorted(maps.Keys(quotas)) {
		c := quotas[role]
		for _, name := range slices.Sorted(maps.Keys(c.GetGuarantees())) {
			g := c.GetGuarantees()[name].GetValue()
			if l, ok := c.GetLimits()[name]; ok && g > l.GetValue() {
				return fmt.Errorf("quota of role %q: the guarantee of %s is %v: it must be at most the limit, which is %v", role, name, g, l.GetValue())
			}
			if below := GuaranteedBelow(quotas, role, name); below.Float() > g {
				return fmt.Errorf("quota of role %q: the guarantee of %s is %v: it must be at least %v, what the roles below it are guaranteed", role, name, g, below)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(c.GetLimits())) {
			l := c.GetLimits()[name].GetValue()
			if below := GuaranteedBelow(quotas, role, name); below.Float() > l {
				return fmt.Errorf("quota of role %q: the limit of %s is %v: it must be at least %v, what the roles below it are guaranteed", role, name, l, below)
			}
			for _, above := range slices.Sorted(maps.Keys(quotas)) {
				up, ok := quotas[above].GetLimits()[name]
				if ok && resources.IsStrictSubrole(role, above) && l > up.GetValue() {
					return fmt.Errorf("quota of role %q: the limit of %s is %v: it must be at most %v, the limit of role %q", role, name, l, up.GetValue(), above)
				}
			}
		}
	}
	return nil
}

// GuaranteedBelow is what the roles below a role are guaranteed of a resource
// together, all roles for "": of two above each other the upper one counts.
func GuaranteedBelow(quotas map[string]*quotav1.QuotaConfig, role, name string) resources.Quantity {
	var sum resources.Quantity
	for r, c := range quotas {
		g, ok := c.GetGuarantees()[name]
		if !ok || role != "" && !resources.IsStrictSubrole(r, role) {
			continue
		}
		covered := false
		for between, b := range quotas {
			_, has := b.GetGuarantees()[name]
			inside := role == "" || resources.IsStrictSubrole(between, role)
			covered = covered || has && inside && resources.IsStrictSubrole(r, between)
		}
		if !covered {
			sum += resources.FromFloat(g.GetValue())
		}
	}
	return sum
}

// Weights checks the weights that shall be set together. allowed says which roles
// may have one.
func Weights(infos []*v1.WeightInfo, allowed func(role string) error, check func(role string, weight float64) error) error {
	seen := map[string]bool{}
	for i, w := range infos {
		field := fmt.Sprintf("weight_infos[%d]", i)
		if err := resources.ValidateRole(w.GetRole()); err != nil {
			return fmt.Errorf("%s.role: %w", field, err)
		}
		if err := allowed(w.GetRole()); err != nil {
			return fmt.Errorf("%s.role: %w", field, err)
		}
		if seen[w.GetRole()] {
			return fmt.Errorf("%s.role %q is named twice", field, w.GetRole())
		}
		seen[w.GetRole()] = true
		if w.Weight == nil || math.IsNaN(w.GetWeight()) {
			return fmt.Errorf("%s.weight of role %q is missing: it must be a positive number", field, w.GetRole())
		}
		if err := check(w.GetRole(), w.GetWeight()); err != nil {
			return fmt.Errorf("%s.weight: %w", field, err)
		}
	}
	return nil
}
