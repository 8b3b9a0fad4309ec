package resources

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
)

// Checkpointed returns what operations made of an agent's resources: what is
// reserved dynamically, and persistent volumes. An agent keeps it on disk and
// tells it beside what it was configured with.
func (r Resources) Checkpointed() Resources {
	return r.Filter(func(e Resource) bool { return e.IsDynamicallyReserved() || e.PersistenceID() != "" })
}

// base is r without dynamic reservations and volumes: what it was made of.
func (r Resources) base() Resources {
	out, err := mapped("resources", r, func(m *v1.Resource) error {
		plainDisk(m)
		n := len(m.Reservations)
		for n > 0 && m.Reservations[n-1].GetType() == dynamic {
			n--
		}
		m.Reservations = m.Reservations[:n]
		return nil
	})
	if err != nil {
		panic("resources: a valid list without its reservations is not valid: " + err.Error())
	}
	return out
}

// WithCheckpointed returns the total of an agent that was configured with r and
// on which operations made c. It fails if r does not hold what c is made of.
func (r Resources) WithCheckpointed(c Resources) (Resources, error) {
	for e := range c.All() {
		if !e.IsDynamicallyReserved() && e.PersistenceID() == "" {
			return r, fmt.Errorf("checkpointed %v is neither reserved dynamically nor a persistent volume", e)
		}
		if e.AllocationRole() != "" {
			return r, fmt.Errorf("checkpointed %v must not have an allocation_info", e)
		}
	}
	total, err := r.Apply(Conversion{c.base(), c})
	if err != nil {
		return r, fmt.Errorf("checkpointed resources: %w", err)
	}
	return total, nil
}
