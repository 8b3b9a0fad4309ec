package resources

import (
	"errors"
	"fmt"

	v1 "mesos/messages/mesos/v1"
)

// reserve makes a dynamic reservation: the last of each entry's stack is the
// one that is made. With a source, resources that have other reservations get
// these instead.
func reserve(op *v1.Offer_Operation_Reserve) (Conversion, error) {
	to, err := read("reserve.resources", op.GetResources())
	if err != nil {
		return Conversion{}, err
	}
	for e := range to.All() {
		if err := reservable(e); err != nil {
			return Conversion{}, fmt.Errorf("reserve.resources: %s %w", e.Name(), err)
		}
	}
	if len(op.GetSource()) > 0 {
		return rereserve(op.GetSource(), to)
	}
	from, err := mapped("reserve.resources", to, pop)
	return Conversion{from, to}, err
}

func reservable(e Resource) error {
	switch {
	case e.PersistenceID() != "":
		return fmt.Errorf("is the persistent volume %q: volumes are made of what is reserved already", e.PersistenceID())
	case e.IsRevocable():
		return errors.New("is revocable: only what is not can be reserved")
	case !e.IsReserved():
		return errors.New("has no reservation: the one to be made must be its last")
	case !e.IsDynamicallyReserved():
		return fmt.Errorf("has the static reservation to role %q last: only DYNAMIC ones can be made", e.Role())
	}
	return nil
}

// pop takes the last reservation off, which must be a dynamic one.
func pop(m *v1.Resource) error {
	n := len(m.Reservations)
	if n == 0 {
		return errors.New("is not reserved")
	}
	if last := m.Reservations[n-1]; last.GetType() != dynamic {
		return fmt.Errorf("is reserved to role %q statically, by the agent's --resources: that cannot be undone", last.GetRole())
	}
	m.Reservations = m.Reservations[:n-1]
	return nil
}

// rereserve replaces dynamic reservations by others. What lies below them, a
// static one or none, must be the same on both sides, and the amounts, too.
func rereserve(source []*v1.Resource, to Resources) (Conversion, error) {
	from, err := read("reserve.source", source)
	if err != nil {
		return Conversion{}, err
	}
	for e := range from.All() {
		switch {
		case e.PersistenceID() != "":
			return Conversion{}, fmt.Errorf("reserve.source: %s is the persistent volume %q: destroy it first", e.Name(), e.PersistenceID())
		case e.IsRevocable():
			return Conversion{}, fmt.Errorf("reserve.source: %s is revocable: only what is not can be reserved", e.Name())
		}
	}
	a, b := from.base(), to.base()
	if !a.Equal(b) {
		return Conversion{}, fmt.Errorf("reserve.source %v and reserve.resources %v must be the same but for dynamic reservations: they are %v and %v without", from, to, a, b)
	}
	return Conversion{from, to}, nil
}

// unreserve takes the last reservation off.
func unreserve(op *v1.Offer_Operation_Unreserve) (Conversion, error) {
	from, err := read("unreserve.resources", op.GetResources())
	if err != nil {
		return Conversion{}, err
	}
	for e := range from.All() {
		if id := e.PersistenceID(); id != "" {
			return Conversion{}, fmt.Errorf("unreserve.resources: %s is the persistent volume %q: destroy it first", e.Name(), id)
		}
	}
	to, err := mapped("unreserve.resources", from, pop)
	return Conversion{from, to}, err
}
