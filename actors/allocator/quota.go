package allocator

import (
	"fmt"
	"maps"
	"slices"

	"mesos/messages/resources"
)

// Quota is what a role and its descendants together are guaranteed and limited to.
type Quota struct {
	// Guarantees are by resource name. As long as the role has less, that much is
	// kept free for it, see the package comment on headroom.
	Guarantees map[string]resources.Quantity
	// Limits are by resource name; a name that is not there is not limited, and
	// a limit of 0 allows nothing.
	Limits map[string]resources.Quantity
}

func (q Quota) isEmpty() bool { return len(q.Limits) == 0 && len(q.Guarantees) == 0 }

func (q Quota) check(role string) error {
	for _, name := range sortedKeys(q.Limits) {
		if q.Limits[name] < 0 {
			return fmt.Errorf("quota of role %q: limit of %s is %v, want 0 or more", role, name, q.Limits[name])
		}
	}
	for _, name := range sortedKeys(q.Guarantees) {
		g := q.Guarantees[name]
		if g < 0 {
			return fmt.Errorf("quota of role %q: guarantee of %s is %v, want 0 or more", role, name, g)
		}
		if limit, ok := q.Limits[name]; ok && g > limit {
			return fmt.Errorf("quota of role %q: guarantee of %s is %v, want at most its limit %v", role, name, g, limit)
		}
	}
	return nil
}

// CheckQuotas says what is wrong with quotas, by role, that shall hold together:
// no guarantee may be more than a limit of the role or of an ancestor, because
// what is kept free for it could then be used by nobody.
func CheckQuotas(quotas map[string]Quota) error {
	for _, role := range sortedKeys(quotas) {
		if err := quotas[role].check(role); err != nil {
			return err
		}
		for _, above := range sortedKeys(quotas) {
			if !resources.IsStrictSubrole(role, above) {
				continue
			}
			for _, name := range sortedKeys(quotas[role].Guarantees) {
				g := quotas[role].Guarantees[name]
				if limit, ok := quotas[above].Limits[name]; ok && g > limit {
					return fmt.Errorf("quota of role %q: guarantee of %s is %v, want at most %v, the limit of role %q", role, name, g, limit, above)
				}
			}
		}
	}
	return nil
}

// quota is the quota of a role and what is charged to it: everything that is
// reserved to the role or a descendant, in use or not, plus everything else that
// its clients hold (unreserved, or reserved to an ancestor). Revocable resources
// are not charged.
type quota struct {
	role       string
	limits     map[string]resources.Quantity
	guarantees map[string]resources.Quantity
	used       map[string]resources.Quantity
	members    Set // clients within role

	// The tree of guarantees, kept by [quota.settle].
	ledger *ledger
	parent *quota                        // of the nearest ancestor that has one
	below  map[string]resources.Quantity // what the children's guarantees lack
	lacks  map[string]resources.Quantity // what this and all below lacks

	grew  bool // room or claim grew since clients were last relaxed
	fell  bool // room or claim fell since then
	moved bool // it is in ledger.moved
}

// SetQuota sets the quota of a role at any level of the tree, known or not yet.
// An empty one removes it. What is beyond a new limit already stays where it is,
// but nothing is added to it. A negative amount, or a guarantee beyond the limit
// of the same role, is an error; see [CheckQuotas] for ancestors.
func (c *Core) SetQuota(role string, q Quota) error {
	if err := q.check(role); err != nil {
		return err
	}
	delete(c.quotas, role)
	if !q.isEmpty() {
		n := c.countQuota(role, q)
		n.ledger = c.ledger
		c.quotas[role] = n
	}
	for _, cl := range c.byID {
		if cl == nil || !within(cl.Role, role) {
			continue
		}
		c.setQuotas(cl)
		c.unblock(cl)
	}
	c.ledger.stale = true
	return nil
}

// countQuota makes a quota with what is charged to it now, with no part in the
// tree yet.
func (c *Core) countQuota(role string, q Quota) *quota {
	n := &quota{
		role: role, limits: maps.Clone(q.Limits), guarantees: maps.Clone(q.Guarantees), used: map[string]resources.Quantity{},
		ledger: &ledger{}, below: map[string]resources.Quantity{}, lacks: map[string]resources.Quantity{},
	}
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
// ancestors, the highest first.
func (c *Core) setQuotas(cl *client) {
	c.dropQuotas(cl)
	for i := range len(cl.Role) {
		if cl.Role[i] == '/' {
			cl.addQuota(c.quotas[cl.Role[:i]])
		}
	}
	cl.addQuota(c.quotas[cl.Role])
	cl.quotas = slices.Clip(cl.quotas)
}

// dropQuotas ends the part of a client in the quotas that applied to it.
func (c *Core) dropQuotas(cl *client) {
	for _, q := range cl.quotas {
		q.members.remove(cl.id)
		c.ledger.membersChanged()
	}
	cl.quotas = nil
}

func (cl *client) addQuota(q *quota) {
	if q != nil {
		cl.quotas = append(cl.quotas, q)
		q.members.add(cl.id)
		q.ledger.membersChanged()
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
	if r.IsRevocable() {
		return
	}
	name := r.Name()
	_, limited := q.limits[name]
	_, guaranteed := q.guarantees[name]
	if !limited && !guaranteed {
		return
	}
	q.used[name] += sign * r.Quantity()
	q.move(sign < 0)
	if guaranteed {
		q.settle(name)
	}
}

// move notes that there is more, or less, for the clients of the role.
func (q *quota) move(grew bool) {
	if grew {
		q.grew = true
	} else {
		q.fell = true
	}
	if !q.moved {
		q.moved = true
		q.ledger.moved = append(q.ledger.moved, q)
	}
}
