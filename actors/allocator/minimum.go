package allocator

import (
	"fmt"
	"iter"
	"math"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// MinimumsFrom turns FrameworkInfo.offer_filters into Framework.MinAllocatable. A
// role whose filter has no min_allocatable_resources is not in it; one with an
// empty list of quantities takes anything. An error names the field.
func MinimumsFrom(filters map[string]*v1.OfferFilters) (map[string][]resources.Quantities, error) {
	out := map[string][]resources.Quantities{}
	for _, role := range sortedKeys(filters) {
		m := filters[role].GetMinAllocatableResources()
		if m == nil {
			continue
		}
		bundles := []resources.Quantities{}
		for i, q := range m.GetQuantities() {
			for _, name := range sortedKeys(q.GetQuantities()) {
				if v := q.GetQuantities()[name].GetValue(); !(v >= 0) || math.IsInf(v, 0) {
					return nil, fmt.Errorf("offer_filters[%q].min_allocatable_resources.quantities[%d].quantities[%q] is %v, want a number of 0 or more", role, i, name, v)
				}
			}
			bundles = append(bundles, resources.QuantitiesFrom(amounts(q.GetQuantities())))
		}
		out[role] = bundles
	}
	return out, nil
}

func amounts(m map[string]*v1.Value_Scalar) iter.Seq2[string, resources.Quantity] {
	return func(yield func(string, resources.Quantity) bool) {
		for name, v := range m {
			if !yield(name, resources.FromFloat(v.GetValue())) {
				return
			}
		}
	}
}
