package resources

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// Two formats of reservations travel. Before refinement an entry has a role and,
// if reserved at run time, a reservation without type and role. Since then it
// has a stack of reservations, each with type and role, each role below the one
// before. We compute with the stack.

const (
	static  = v1.Resource_ReservationInfo_STATIC
	dynamic = v1.Resource_ReservationInfo_DYNAMIC
)

// reservationsOf validates the reservations of m in either format and returns
// the stack. It may share messages with m.
func reservationsOf(m *v1.Resource) ([]*v1.Resource_ReservationInfo, *Error) {
	if len(m.Reservations) == 0 {
		return fromPreRefinement(m)
	}
	if err := validateStack(m.Reservations); err != nil {
		return nil, err
	}
	if len(m.Reservations) > 1 {
		if m.Role != nil {
			return nil, fault("role", "must not be set beside more than one of reservations")
		}
		if m.Reservation != nil {
			return nil, fault("reservation", "must not be set beside more than one of reservations")
		}
		return m.Reservations, nil
	}
	return m.Reservations, validateEndpointForm(m, m.Reservations[0])
}

func fromPreRefinement(m *v1.Resource) ([]*v1.Resource_ReservationInfo, *Error) {
	role, old := m.GetRole(), m.Reservation
	if err := validateRoleField("role", role); err != nil {
		return nil, err
	}
	switch {
	case old == nil && role == "*":
		return nil, nil
	case old == nil:
		return []*v1.Resource_ReservationInfo{{Type: static.Enum(), Role: m.Role}}, nil
	case old.Type != nil:
		return nil, fault("reservation.type", "must not be set: it belongs to reservations")
	case old.Role != nil:
		return nil, fault("reservation.role", "must not be set: it belongs to reservations")
	case role == "*":
		return nil, fault("reservation", `must not be set for role "*"`)
	}
	if err := validateLabels("reservation.labels", old.Labels); err != nil {
		return nil, err
	}
	return []*v1.Resource_ReservationInfo{{
		Type: dynamic.Enum(), Role: m.Role, Principal: old.Principal, Labels: old.Labels,
	}}, nil
}

func validateStack(stack []*v1.Resource_ReservationInfo) *Error {
	for i, r := range stack {
		field := func(name string) string { return fmt.Sprintf("reservations[%d].%s", i, name) }
		switch {
		case r.GetType() != static && r.GetType() != dynamic:
			return fault(field("type"), "must be STATIC or DYNAMIC")
		case r.Role == nil:
			return fault(field("role"), "must be set")
		case r.GetRole() == "*":
			return fault(field("role"), `must not be "*"`)
		}
		if err := validateRoleField(field("role"), r.GetRole()); err != nil {
			return err
		}
		if err := validateLabels(field("labels"), r.Labels); err != nil {
			return err
		}
		if i == 0 {
			continue
		}
		if r.GetType() == static {
			return fault(field("type"), "must be DYNAMIC: it refines another reservation")
		}
		if above := stack[i-1].GetRole(); !IsStrictSubrole(r.GetRole(), above) {
			return fault(field("role"), "%.60q must lie below %.60q, which it refines", r.GetRole(), above)
		}
	}
	return nil
}

// validateEndpointForm checks the old fields of an entry that has both formats.
func validateEndpointForm(m *v1.Resource, r *v1.Resource_ReservationInfo) *Error {
	old := m.Reservation
	switch {
	case m.Role != nil && m.GetRole() != r.GetRole():
		return fault("role", "%.60q must be reservations[0].role %.60q", m.GetRole(), r.GetRole())
	case r.GetType() == static && old != nil:
		return fault("reservation", "must not be set beside a STATIC one of reservations")
	case r.GetType() == dynamic && (m.Role == nil) != (old == nil):
		return fault("reservation", "and role must be both set or both not set beside reservations")
	case old == nil:
		return nil
	case old.GetPrincipal() != r.GetPrincipal():
		return fault("reservation.principal", "%.60q must be reservations[0].principal %.60q", old.GetPrincipal(), r.GetPrincipal())
	}
	if err := validateLabels("reservation.labels", old.Labels); err != nil {
		return err
	}
	if !sameLabels(old.Labels, r.Labels) {
		return fault("reservation.labels", "must be reservations[0].labels")
	}
	return nil
}

func sameLabels(a, b *v1.Labels) bool {
	var x, y [128]byte
	ka := appendLabels(x[:0], &v1.Labels{Labels: a.GetLabels()})
	kb := appendLabels(y[:0], &v1.Labels{Labels: b.GetLabels()})
	return string(ka) == string(kb)
}

// toPreRefinement moves the reservation of m, of which there is at most one, to
// the old fields.
func toPreRefinement(m *v1.Resource) {
	setOldFields(m)
	m.Reservations = nil
}

// setOldFields sets role and reservation as far as they can say what
// reservations says.
func setOldFields(m *v1.Resource) {
	switch len(m.Reservations) {
	case 0:
		m.Role = proto.String("*")
	case 1:
		r := m.Reservations[0]
		m.Role = r.Role
		if r.GetType() == dynamic {
			m.Reservation = &v1.Resource_ReservationInfo{Principal: r.Principal, Labels: r.Labels}
		}
	}
}
