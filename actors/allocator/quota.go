package allocator

import (
	"fmt"
	"maps"

	"mesos/messages/resources"
)

// Quota limits what a role and its descendants together may have.
type Quota struct {
	// Limits are by resource name; a name that is not there is not limited, and
	// a limit of 0 allows nothing.
	Limits map[string]resources.Quantity
}

func (q Quota) check(role string) error {
	for _, name := range sortedKeys(q.Limits) {
		if q.Limits[name] < 0 {
			return fmt.Errorf("quota of role %q: limit of %s is %v, want 0 or more", role, name, q.Limits[name])
		}
	}
	return nil
}

// quota is the limit of a role and what is charged to it: everything that is
// reserved to the role or a descendant, in use or not, plus everything else that
// its clients hold (unreserved, or reserved to an ancestor). Revocable resources
// are not charged.
type quota struct {
	role   string
	limits map[string]resources.Quantity
	used   map[string]resources.Quantity
	grew   bool // room grew since clients were last relaxed
	fell   bool // room fell since then
}

// SetQuota sets the quota of a role at any level of the tree, known or not yet.
// Empty limits remove it. What is beyond a new limit already stays where it is,
// but nothing is added to it. A negative limit is an error.
func (c *Core) SetQuota(role string, q Quota) error {
	if err := q.check(role); err != nil {
		return err
	}
	delete(c.quotas, role)
	if len(q.Limits) > 0 {
		c.quotas[role] = c.countQuota(role, q)
	}
	for _, cl := range c.byID {
		if cl == nil || !within(cl.Role, role) {
			continue
		}
		c.setQuotas(cl)
		c.unblock(cl)
	}
	return nil
}

// countQuota makes a quota with what is charged to it now.
func (c *Core) countQuota(role string, q Quota) *quota {
	n := &quota{role: role, limits: maps.Clone(q.Limits), used: map[string]resources.Quantity{}}
	for _, a := range c.order {
		n.chargeReserved(a.Total, +1)
		for _, h := range a.held {
			if within(h.cl.Role, role) {
				n.chargeHeld(h.res, +1)
			}
		}
	}
	return n
}

// setQuotas finds the quotas that apply to a client: of its role and of the
// ancestors.
func (c *Core) setQuotas(cl *client) {
	cl.quotas = nil
	for i := range len(cl.Role) {
		if q := c.quotas[cl.Role[:i]]; q != nil && cl.Role[i] == '/' {
			cl.quotas = append(cl.quotas, q)
		}
	}
	if q := c.quotas[cl.Role]; q != nil {
		cl.quotas = append(cl.quotas, q)
	}
	if len(cl.quotas) > 0 {
		c.limited.add(cl.id)
	} else {
		c.limited.remove(cl.id)
	}
}

// owns says whether a resource is charged as reservation, so that it costs
// nothing more when it is held.
func (q *quota) owns(r resources.Resource) bool {
	return r.IsReserved() && within(r.Role(), q.role)
}

func (q *quota) chargeReserved(total resources.Resources, sign resources.Quantity) {
	for r := range total.All() {
		if q.owns(r) {
			q.charge(r, sign)
		}
	}
}

func (q *quota) chargeHeld(held resources.Resources, sign resources.Quantity) {
	for r := range held.All() {
		if !q.owns(r) {
			q.charge(r, sign)
		}
	}
}

func (q *quota) charge(r resources.Resource, sign resources.Quantity) {
	if _, limited := q.limits[r.Name()]; !limited || r.IsRevocable() {
		return
	}
	q.used[r.Name()] += sign * r.Quantity()
	q.grew = q.grew || sign < 0
	q.fell = q.fell || sign > 0
}

// relax unblocks the clients that quota limits may have held back, where room
// changed, and says whether there are any.
func (c *Core) relax() bool {
	changed := false
	for _, q := range c.quotas {
		changed = changed || q.grew || q.fell
	}
	if !changed {
		return false
	}
	found := false
	for _, cl := range c.byID {
		if cl == nil || !cl.shrunk {
			continue
		}
		for _, q := range cl.quotas {
			if q.grew || q.fell && cl.swayed {
				c.unblock(cl)
				found = true
				break
			}
		}
	}
	for _, q := range c.quotas {
		q.grew, q.fell = false, false
	}
	return found
}
