package plan

import (
	"cmp"
	"slices"

	"mesos/actors/marathon/model"
)

// Victims are the n instances that are missed least: first those that do nothing,
// then those of another configuration, then those of the fullest group, if they are
// to be spread, then by age as the spec says.
func Victims(s *model.Spec, list []*model.Instance, n int, ready func(*model.Instance) bool) []*model.Instance {
	left := slices.Clone(list)
	var out []*model.Instance
	for len(out) < n && len(left) > 0 {
		size := groups(s, left)
		at := 0
		for k := range left {
			if before(s, left[k], left[at], size, ready) {
				at = k
			}
		}
		out = append(out, left[at])
		left = slices.Delete(left, at, at+1)
		if len(size) == 0 { // nothing changes from one to the next
			slices.SortStableFunc(left, func(x, y *model.Instance) int {
				if before(s, x, y, nil, ready) {
					return -1
				}
				if before(s, y, x, nil, ready) {
					return 1
				}
				return 0
			})
			return append(out, left[:min(len(left), n-len(out))]...)
		}
	}
	return out
}

// groups counts the instances on each value of the first GROUP_BY constraint.
func groups(s *model.Spec, list []*model.Instance) map[string]int {
	if s == nil {
		return nil
	}
	for _, c := range s.Constraints() {
		if c.Operator == model.GroupBy {
			size := map[string]int{}
			for _, i := range list {
				size[Value(i, c.Field)]++
			}
			return size
		}
	}
	return nil
}

// groupField is the field of the first GROUP_BY constraint.
func groupField(s *model.Spec) string {
	for _, c := range s.Constraints() {
		if c.Operator == model.GroupBy {
			return c.Field
		}
	}
	return ""
}

func before(s *model.Spec, x, y *model.Instance, size map[string]int, ready func(*model.Instance) bool) bool {
	if a, b := order(x, ready), order(y, ready); a != b {
		return a < b
	}
	if s == nil {
		return x.ID < y.ID
	}
	if a, b := x.Config == s.Config(), y.Config == s.Config(); a != b {
		return b
	}
	if size != nil {
		f := groupField(s)
		if a, b := size[Value(x, f)], size[Value(y, f)]; a != b {
			return a > b
		}
	}
	age := cmp.Or(x.Created.Compare(y.Created.Time), cmp.Compare(x.ID, y.ID))
	if s.KillSelection() == model.OldestFirst {
		return age < 0
	}
	return age > 0
}

// order puts what does least first.
func order(i *model.Instance, ready func(*model.Instance) bool) int {
	switch i.Condition() {
	case model.Unreached:
		return 0
	case model.Provisioned, model.Suspended:
		return 1
	case model.Staging, model.Starting:
		return 2
	}
	if !ready(i) {
		return 3
	}
	return 4
}

// Value is what constraints compare: of the agent that an instance is on.
func Value(i *model.Instance, field string) string {
	switch field {
	case "hostname", "@hostname":
		return i.Host
	case "@region":
		return i.Region
	case "@zone":
		return i.Zone
	}
	return i.Attributes[field]
}
