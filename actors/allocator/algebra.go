package allocator

import (
	"iter"

	"mesos/messages/resources"
)

// withoutShared is r.NonShared, without work in the usual case that nothing is
// shared.
func withoutShared(r resources.Resources) resources.Resources {
	for e := range r.All() {
		if e.IsShared() {
			return r.NonShared()
		}
	}
	return r
}

// byRole yields the parts of r by allocation role, in the order of role names.
func byRole(r resources.Resources) iter.Seq2[string, resources.Resources] {
	return func(yield func(string, resources.Resources) bool) {
		if r.IsEmpty() {
			return
		}
		role, one := onlyRole(r)
		if one {
			yield(role, r)
			return
		}
		parts := r.Allocations()
		for _, role := range sortedKeys(parts) {
			if !yield(role, parts[role]) {
				return
			}
		}
	}
}

// onlyRole is the allocation role of all entries, if they have the same.
func onlyRole(r resources.Resources) (role string, one bool) {
	first := true
	for e := range r.All() {
		if first {
			role, first = e.AllocationRole(), false
		} else if e.AllocationRole() != role {
			return "", false
		}
	}
	return role, !first
}

// within says whether role is root or one of its descendants.
func within(role, root string) bool {
	return role == root || resources.IsStrictSubrole(role, root)
}
