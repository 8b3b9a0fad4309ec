package validation

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// maxFailover is the longest failover_timeout in seconds that a time.Duration can hold.
const maxFailover = float64(math.MaxInt64) / 1e9

// Framework checks what a framework says of itself when it subscribes.
func Framework(info *v1.FrameworkInfo, suppressed []string, rootAllowed bool) error {
	if id := info.GetId().GetValue(); id != "" {
		if err := ids.Check("framework_info.id", id); err != nil {
			return err
		}
	}
	multi := slices.ContainsFunc(info.GetCapabilities(), func(c *v1.FrameworkInfo_Capability) bool {
		return c.GetType() == v1.FrameworkInfo_Capability_MULTI_ROLE
	})
	roles, err := frameworkRoles(info, multi)
	if err != nil {
		return err
	}
	for i, r := range suppressed {
		if !slices.Contains(roles, r) {
			return fmt.Errorf("suppressed_roles[%d] %q is not among the framework's roles %q", i, r, roles)
		}
	}
	if t := info.GetFailoverTimeout(); math.IsNaN(t) || t < 0 || t > maxFailover {
		return fmt.Errorf("framework_info.failover_timeout %v is out of range: it is in seconds, from 0 to %.0f", t, maxFailover)
	}
	if !rootAllowed && info.GetUser() == "root" {
		return errors.New("framework_info.user \"root\" is not allowed here: the master runs with --no-root_submissions")
	}
	return nil
}

func frameworkRoles(info *v1.FrameworkInfo, multi bool) ([]string, error) {
	if !multi {
		if len(info.GetRoles()) > 0 {
			return nil, errors.New("framework_info.roles must not be set without the capability MULTI_ROLE: set role, or add the capability")
		}
		if err := resources.ValidateRole(info.GetRole()); err != nil {
			return nil, fmt.Errorf("framework_info.role: %w", err)
		}
		return []string{info.GetRole()}, nil
	}
	if info.Role != nil {
		return nil, errors.New("framework_info.role must not be set with the capability MULTI_ROLE: set roles")
	}
	seen := map[string]bool{}
	for i, r := range info.GetRoles() {
		if err := resources.ValidateRole(r); err != nil {
			return nil, fmt.Errorf("framework_info.roles[%d]: %w", i, err)
		}
		if seen[r] {
			return nil, fmt.Errorf("framework_info.roles[%d] %q is named twice", i, r)
		}
		seen[r] = true
	}
	return info.GetRoles(), nil
}

// Agent checks what an agent says of itself when it registers.
func Agent(info *v1.AgentInfo) error {
	if info.GetHostname() == "" {
		return errors.New("slave.hostname must not be empty")
	}
	if p := info.GetPort(); p < 0 || p > 65535 {
		return fmt.Errorf("slave.port %d is not a port: it must be from 0 to 65535", p)
	}
	return nil
}
