package view

import (
	"maps"
	"slices"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Usage is what quotas are measured against.
type Usage struct {
	Total    resources.Quantities            // of all registered agents, shared resources left out
	Consumed map[string]resources.Quantities // by role: used, or reserved and not used, descendants included
}

// Usage adds it up.
func (c *Cluster) Usage() *Usage {
	u := &Usage{Consumed: map[string]resources.Quantities{}}
	for _, a := range c.Agents {
		u.Total = u.Total.Add(a.Total.NonShared().Quantities())
	}
	for _, r := range c.roles() {
		u.Consumed[r.name] = r.consumed.Resources().NonShared().Quantities()
	}
	return u
}

// scalars writes amounts by name.
func scalars(j *writer, key string, m map[string]*v1.Value_Scalar) {
	j.Field(key, func() {
		j.Object(func() {
			for _, name := range slices.Sorted(maps.Keys(m)) {
				j.Field(name, m[name].GetValue())
			}
		})
	})
}
