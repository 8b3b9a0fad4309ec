package daemon

import (
	"fmt"
	"strconv"
	"strings"

	"mesos/actors/allocator"
	"mesos/cmd/flags"
	"mesos/messages/resources"
)

// rolesFrom reads what the flags say of roles and of whose turn it is.
func rolesFrom(f *flags.Set, s *MasterSettings) (err error) {
	if s.Policy, err = policyFrom(f); err != nil {
		return err
	}
	if factor := f.Float("allocator_agent_recovery_factor"); !(factor > 0 && factor <= 1) {
		return fmt.Errorf("flag --allocator_agent_recovery_factor: %v must be above 0 and at most 1", factor)
	}
	if d := f.Duration("allocator_recovery_timeout"); d <= 0 {
		return fmt.Errorf("flag --allocator_recovery_timeout: %v must be above zero", d)
	}
	for _, role := range list(f.String("roles")) {
		if err := resources.ValidateRole(role); err != nil {
			return fmt.Errorf("flag --roles: %w", err)
		}
		s.Config.Roles = append(s.Config.Roles, role)
	}
	s.Config.Weights, err = weightsFrom(f.String("weights"))
	if err != nil {
		return fmt.Errorf("flag --weights: %w", err)
	}
	return nil
}

// policyFrom is the policy that --allocator names. Mesos's sorters are part of
// the policies hierarchical (drf) and random here, so they go together.
func policyFrom(f *flags.Set) (string, error) {
	policy, roles, frameworks := f.String("allocator"), f.String("role_sorter"), f.String("framework_sorter")
	switch {
	case roles != frameworks:
		return "", fmt.Errorf("flags --role_sorter=%s and --framework_sorter=%s: they must be equal: both drf, or both random", roles, frameworks)
	case roles == "drf":
		return policy, nil
	case policy != "hierarchical" && policy != "random":
		return "", fmt.Errorf("flag --allocator=%s: it does not use --role_sorter=%s: leave one of them out", policy, roles)
	}
	return "random", nil
}

// weightsFrom reads role=weight pairs with commas between them.
func weightsFrom(text string) (map[string]float64, error) {
	weights := map[string]float64{}
	for _, pair := range list(text) {
		role, number, ok := strings.Cut(pair, "=")
		weight, err := strconv.ParseFloat(number, 64)
		if !ok || err != nil {
			return nil, fmt.Errorf("%q is not role=weight, like eng=2.5", pair)
		}
		if err := resources.ValidateRole(role); err != nil {
			return nil, err
		}
		if err := allocator.CheckWeight(role, weight); err != nil {
			return nil, err
		}
		if _, twice := weights[role]; twice {
			return nil, fmt.Errorf("role %q is named twice", role)
		}
		weights[role] = weight
	}
	return weights, nil
}

func list(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
