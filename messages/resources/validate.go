package resources

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
)

// validate checks one message and returns its reservations in the
// post-refinement format.
func validate(m *v1.Resource) ([]*v1.Resource_ReservationInfo, *Error) {
	if m == nil {
		return nil, fault("entry", "must not be null")
	}
	if err := firstFault(
		validateName(m),
		validateValue(m),
		validateDisk(m),
		validateAllocation(m.AllocationInfo),
		validateProvider(m.ProviderId),
	); err != nil {
		return nil, err
	}
	return reservationsOf(m)
}

func validateName(m *v1.Resource) *Error {
	switch {
	case m.GetName() == "":
		return fault("name", "must not be empty")
	case !utf8.ValidString(m.GetName()):
		return fault("name", "must be UTF-8")
	}
	return nil
}

func validateValue(m *v1.Resource) *Error {
	if m.Type == nil {
		return fault("type", "must be one of SCALAR, RANGES, SET")
	}
	given := []struct {
		field string
		typ   v1.Value_Type
		set   bool
	}{
		{"scalar", scalarType, m.Scalar != nil},
		{"ranges", rangesType, m.Ranges != nil},
		{"set", setType, m.Set != nil},
	}
	known := false
	for _, g := range given {
		switch {
		case g.typ == m.GetType() && !g.set:
			return fault(g.field, "must be set for type %v", g.typ)
		case g.typ != m.GetType() && g.set:
			return fault(g.field, "must not be set for type %v", m.GetType())
		}
		known = known || g.typ == m.GetType()
	}
	switch {
	case !known:
		return fault("type", "%v must be one of SCALAR, RANGES, SET", m.GetType())
	case m.Scalar != nil:
		return validateScalar(m.Scalar)
	case m.Ranges != nil:
		return validateRanges(m.Ranges)
	}
	return validateSet(m.Set)
}

func validateScalar(s *v1.Value_Scalar) *Error {
	if s.Value == nil {
		return fault("scalar.value", "must be set")
	}
	if err := checkScalar(s.GetValue()); err != nil {
		return fault("scalar.value", "%v", err)
	}
	return nil
}

// checkScalar returns the rule that an amount breaks.
func checkScalar(f float64) error {
	switch {
	case math.IsNaN(f), math.IsInf(f, 0):
		return fmt.Errorf("%v must be a finite number", f)
	case f < 0:
		return fmt.Errorf("%v must not be negative", f)
	case f > maxQuantity.Float():
		return fmt.Errorf("%v must not be more than %v", f, maxQuantity)
	case f > 0 && FromFloat(f) == 0:
		return fmt.Errorf("%v must be 0 or at least 0.001", f)
	}
	return nil
}

func validateRanges(m *v1.Value_Ranges) *Error {
	var few [16]Range
	rs := few[:0]
	for i, r := range m.Range {
		if r == nil || r.Begin == nil || r.End == nil {
			return fault(fmt.Sprintf("ranges.range[%d]", i), "must have begin and end")
		}
		if *r.Begin > *r.End {
			return fault(fmt.Sprintf("ranges.range[%d]", i), "%d-%d must not begin after its end", *r.Begin, *r.End)
		}
		rs = append(rs, Range{*r.Begin, *r.End})
	}
	slices.SortFunc(rs, compareRanges)
	for i := range rs[:max(len(rs), 1)-1] {
		if a, b := rs[i], rs[i+1]; b.Begin <= a.End {
			return fault("ranges", "%d-%d and %d-%d must not overlap", a.Begin, a.End, b.Begin, b.End)
		}
	}
	return nil
}

func validateSet(m *v1.Value_Set) *Error {
	items := slices.Sorted(slices.Values(m.Item))
	for i := range items[:max(len(items), 1)-1] {
		if items[i] == items[i+1] {
			return fault("set.item", "%.60q must not occur twice", items[i])
		}
	}
	return nil
}

func validateAllocation(m *v1.Resource_AllocationInfo) *Error {
	if m == nil || m.Role == nil {
		return nil // the master fills it in
	}
	return validateRoleField("allocation_info.role", m.GetRole())
}

func validateRoleField(field, role string) *Error {
	if rule := roleFault(role); rule != "" {
		return fault(field, "%s", rule)
	}
	return nil
}

func validateProvider(m *v1.ResourceProviderID) *Error {
	if m != nil && m.GetValue() == "" {
		return fault("provider_id.value", "must not be empty")
	}
	return nil
}

func validateDisk(m *v1.Resource) *Error {
	d := m.Disk
	switch {
	case m.Shared != nil && d.GetPersistence() == nil:
		return fault("shared", "must not be set: only persistent volumes can be shared")
	case d == nil:
		return nil
	case m.GetName() != "disk":
		return fault("disk", "must not be set: only resources named disk have it")
	case m.GetType() != scalarType:
		return fault("disk", "must not be set for type %v", m.GetType())
	}
	if p := d.Persistence; p != nil {
		// The id becomes a directory of the agent.
		const field = "disk.persistence.id"
		if err := ids.Check(field, p.GetId()); err != nil {
			return fault(field, "%s", strings.TrimPrefix(err.Error(), field+" "))
		}
	}
	return validateSource(d.Source)
}

func validateSource(s *v1.Resource_DiskInfo_Source) *Error {
	if s == nil {
		return nil
	}
	if err := validateLabels("disk.source.metadata", s.Metadata); err != nil {
		return err
	}
	switch s.GetType() {
	case v1.Resource_DiskInfo_Source_PATH, v1.Resource_DiskInfo_Source_MOUNT:
		return nil
	case v1.Resource_DiskInfo_Source_BLOCK, v1.Resource_DiskInfo_Source_RAW:
		if s.Mount != nil {
			return fault("disk.source.mount", "must not be set for type %v", s.GetType())
		}
		if s.Path != nil {
			return fault("disk.source.path", "must not be set for type %v", s.GetType())
		}
		return nil
	}
	return fault("disk.source.type", "must be one of PATH, MOUNT, BLOCK, RAW")
}

func validateLabels(field string, l *v1.Labels) *Error {
	for i, label := range l.GetLabels() {
		if label == nil || label.Key == nil {
			return fault(fmt.Sprintf("%s.labels[%d].key", field, i), "must be set")
		}
	}
	return nil
}
