package resources

import v1 "mesos/messages/mesos/v1"

// Revoked returns r as what may be taken back at any time: what an agent lends beyond what it has. Only unreserved
// scalars, ranges and sets without a disk, a provider or sharing can be lent; what else r holds is left out.
func (r Resources) Revoked() Resources {
	var list []*v1.Resource
	for _, m := range r.Unallocate().Unreserved().Proto() {
		if m.Disk == nil && m.ProviderId == nil && m.Shared == nil {
			m.Revocable = &v1.Resource_RevocableInfo{}
			list = append(list, m)
		}
	}
	out, _ := FromProto(list) // it came of resources that were read
	return out
}
