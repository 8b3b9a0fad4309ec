package registry

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	quotav1 "mesos/messages/mesos/v1/quota"
)

// UpdateQuota sets the quota of roles, all or none; a config without guarantees
// and limits removes that of its role. While there is a quota only masters that
// know of it may lead.
func UpdateQuota(configs ...*quotav1.QuotaConfig) Operation {
	return func(s *State) ([]Change, error) {
		var changes []Change
		left := map[string]bool{}
		for _, role := range s.Keys(Quota) {
			left[role] = true
		}
		for _, c := range configs {
			role := c.GetRole()
			if len(c.GetGuarantees()) == 0 && len(c.GetLimits()) == 0 {
				delete(left, role)
				changes = append(changes, drop(Quota, role))
				continue
			}
			left[role] = true
			changes = append(changes, put(Quota, role, proto.CloneOf(c)))
		}
		if len(left) == 0 {
			return append(changes, release(v1.MasterInfo_Capability_QUOTA_V2)), nil
		}
		return append(changes, require(v1.MasterInfo_Capability_QUOTA_V2)), nil
	}
}

// UpdateWeights sets the weights of roles, all or none.
func UpdateWeights(weights ...*v1.WeightInfo) Operation {
	return func(*State) ([]Change, error) {
		var changes []Change
		for _, w := range weights {
			changes = append(changes, put(Weights, w.GetRole(), &internalpb.Registry_Weight{Info: proto.CloneOf(w)}))
		}
		return changes, nil
	}
}
