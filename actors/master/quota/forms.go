package quota

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	v1 "mesos/messages/mesos/v1"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/resources"
)

// Status is what GET_QUOTA tells: configs as they are, and in the older form
// what is guaranteed.
func Status(quotas map[string]*quotav1.QuotaConfig) *quotav1.QuotaStatus {
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

// Of is a quota in the allocator's form.
func Of(c *quotav1.QuotaConfig) allocator.Quota {
	return allocator.Quota{Guarantees: quantitiesOf(c.GetGuarantees()), Limits: quantitiesOf(c.GetLimits())}
}

func quantitiesOf(m map[string]*v1.Value_Scalar) map[string]resources.Quantity {
	out := make(map[string]resources.Quantity, len(m))
	for name, v := range m {
		out[name] = resources.FromFloat(v.GetValue())
	}
	return out
}
