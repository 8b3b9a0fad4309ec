package master

import (
	v1 "mesos/messages/mesos/v1"
)

// capabilities are the abilities that a framework declared.
type capabilities struct {
	revocable, killing, gpu, shared, partitionAware, multiRole, refinement, regionAware bool
}

func capabilitiesOf(info *v1.FrameworkInfo) (c capabilities) {
	for _, x := range info.GetCapabilities() {
		switch x.GetType() {
		case v1.FrameworkInfo_Capability_REVOCABLE_RESOURCES:
			c.revocable = true
		case v1.FrameworkInfo_Capability_TASK_KILLING_STATE:
			c.killing = true
		case v1.FrameworkInfo_Capability_GPU_RESOURCES:
			c.gpu = true
		case v1.FrameworkInfo_Capability_SHARED_RESOURCES:
			c.shared = true
		case v1.FrameworkInfo_Capability_PARTITION_AWARE:
			c.partitionAware = true
		case v1.FrameworkInfo_Capability_MULTI_ROLE:
			c.multiRole = true
		case v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT:
			c.refinement = true
		case v1.FrameworkInfo_Capability_REGION_AWARE:
			c.regionAware = true
		}
	}
	return c
}

// rolesOf returns the roles a framework subscribes to: `roles` with MULTI_ROLE,
// the single `role` (default "*") without.
func rolesOf(info *v1.FrameworkInfo) []string {
	if capabilitiesOf(info).multiRole {
		return info.GetRoles()
	}
	return []string{info.GetRole()}
}
