package master

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/actors/master/explain"
	"mesos/actors/master/quota"
	v1 "mesos/messages/mesos/v1"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/registry"
)

// roleSettings are what operators set for roles. The maps are replaced as a whole
// and never changed: pictures of the cluster share them.
type roleSettings struct {
	quotas  map[string]*quotav1.QuotaConfig
	weights map[string]float64
}

// roleAllocator is the part of the [Allocator] that roles and explanations need.
// Answers come on the allocator's actor.
type roleAllocator interface {
	SetWeight(role string, weight float64) error
	SetQuota(role string, q allocator.Quota) error
	AwaitAgents(expected int)
	explain.Allocator
	Numbers(answer func(allocator.Numbers))
	OnPass(f func(took, waited time.Duration))
	Queued() int
}

// roleAllowed says whether the whitelist of --roles has the role.
func (m *Master) roleAllowed(role string) error {
	if len(m.conf.Roles) == 0 || role == "*" || slices.Contains(m.conf.Roles, role) {
		return nil
	}
	return fmt.Errorf("role %q is not among the roles that --roles allows: %q", role, m.conf.Roles)
}

// checkRoles says whether a framework may have the roles that it asks for.
func (m *Master) checkRoles(info *v1.FrameworkInfo) error {
	for _, role := range rolesOf(info) {
		if err := m.roleAllowed(role); err != nil {
			return fmt.Errorf("framework_info.roles: %w", err)
		}
	}
	return nil
}

// recoverRoles takes up the quotas and weights of an earlier master. As long as
// most of the agents that it admitted are away, quotas cannot be kept: nothing is
// offered until then.
func (m *Master) recoverRoles(s *registry.State, admitted int) {
	quotas, weights := quotasIn(s), map[string]float64{}
	for _, role := range s.Keys(registry.Weights) {
		weights[role] = s.Weight(role)
	}
	m.applyQuotas(quotas)
	m.applyWeights(weights)
	if len(quotas) > 0 && admitted > 0 {
		m.log.Info("offers wait for the agents, since quotas are set", "agents", admitted)
		m.alloc.AwaitAgents(admitted)
	}
	switch {
	case len(m.conf.Weights) == 0:
	case len(weights) > 0:
		m.log.Warn("--weights is ignored: the registry has weights that were set at run time", "weights", len(weights))
	default:
		m.setWeights(weightInfos(m.conf.Weights), func(answer) {})
	}
}

// quotasIn are the quotas that the registry has.
func quotasIn(s *registry.State) map[string]*quotav1.QuotaConfig {
	quotas := map[string]*quotav1.QuotaConfig{}
	for _, role := range s.Keys(registry.Quota) {
		quotas[role] = s.Quota(role)
	}
	return quotas
}

// applyQuotas makes quotas true that are durable: one without guarantees and
// limits takes that of its role away.
func (m *Master) applyQuotas(configs map[string]*quotav1.QuotaConfig) {
	all := maps.Clone(m.roleSettings.quotas)
	if all == nil {
		all = map[string]*quotav1.QuotaConfig{}
	}
	for _, role := range slices.Sorted(maps.Keys(configs)) {
		c := configs[role]
		if len(c.GetGuarantees())+len(c.GetLimits()) == 0 {
			delete(all, role)
		} else {
			all[role] = c
		}
		if err := m.alloc.SetQuota(role, quota.Of(c)); err != nil {
			m.log.Error("the allocator refused a quota", "role", role, "error", err)
		}
	}
	m.roleSettings.quotas = all
}

// applyWeights makes weights true that are durable.
func (m *Master) applyWeights(weights map[string]float64) {
	all := maps.Clone(m.roleSettings.weights)
	if all == nil {
		all = map[string]float64{}
	}
	for _, role := range slices.Sorted(maps.Keys(weights)) {
		all[role] = weights[role]
		if err := m.alloc.SetWeight(role, weights[role]); err != nil {
			m.log.Error("the allocator refused a weight", "role", role, "error", err)
		}
	}
	m.roleSettings.weights = all
}

func weightInfos(weights map[string]float64) []*v1.WeightInfo {
	var out []*v1.WeightInfo
	for _, role := range slices.Sorted(maps.Keys(weights)) {
		out = append(out, &v1.WeightInfo{Role: proto.String(role), Weight: proto.Float64(weights[role])})
	}
	return out
}
