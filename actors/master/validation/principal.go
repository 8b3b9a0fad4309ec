package validation

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// CallPrincipal checks that a framework that subscribes goes by the principal that it is known by; "" for who was not
// asked. A framework that names none goes by none.
func CallPrincipal(c *schedulerv1.Call, principal string) error {
	if c.GetType() != schedulerv1.Call_SUBSCRIBE {
		return nil
	}
	info := c.GetSubscribe().GetFrameworkInfo()
	if info == nil {
		return nil
	}
	return SamePrincipal("subscribe.framework_info.principal", info.Principal, principal)
}

// OperationPrincipal checks that what an operator reserves or makes is to belong to the principal that he is known by;
// "" for who was not asked.
func OperationPrincipal(op *v1.Offer_Operation, principal string) error {
	for i, r := range op.GetReserve().GetResources() {
		said, field := (*string)(nil), "reservation"
		if old := r.GetReservation(); old != nil {
			said = old.Principal
		}
		if n := len(r.GetReservations()); n > 0 {
			said, field = r.GetReservations()[n-1].Principal, fmt.Sprintf("reservations[%d]", n-1)
		}
		if err := SamePrincipal(fmt.Sprintf("resources[%d].%s.principal", i, field), said, principal); err != nil {
			return err
		}
	}
	for i, r := range op.GetCreate().GetVolumes() {
		if p := r.GetDisk().GetPersistence(); p != nil {
			if err := SamePrincipal(fmt.Sprintf("volumes[%d].disk.persistence.principal", i), p.Principal, principal); err != nil {
				return err
			}
		}
	}
	return nil
}

// SamePrincipal complains of a field that names another principal than the one who sends it.
func SamePrincipal(field string, said *string, principal string) error {
	if principal == "" || said == nil || *said == "" || *said == principal {
		return nil
	}
	return fmt.Errorf("%s: it is %.100q, and the request comes from %q: they must be equal", field, *said, principal)
}
