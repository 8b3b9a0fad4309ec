package validation

import (
	"errors"
	"fmt"

	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// Call checks that a call is whole: its type is known, the message that the
// type needs is there, and it says whose it is.
func Call(c *schedulerv1.Call) error {
	if c.Type == nil || c.GetType() == schedulerv1.Call_UNKNOWN {
		return errors.New("Expecting 'type' to be present")
	}
	if missing := missingPart(c); missing != "" {
		return fmt.Errorf("Expecting '%s' to be present in a call of type %s", missing, c.GetType())
	}
	if c.GetType() == schedulerv1.Call_SUBSCRIBE {
		if c.GetFrameworkId().GetValue() != c.GetSubscribe().GetFrameworkInfo().GetId().GetValue() {
			return fmt.Errorf("'framework_id' %q and 'subscribe.framework_info.id' %q must be equal",
				c.GetFrameworkId().GetValue(), c.GetSubscribe().GetFrameworkInfo().GetId().GetValue())
		}
		return nil
	}
	if c.GetFrameworkId().GetValue() == "" {
		return fmt.Errorf("Expecting 'framework_id' to be present in a call of type %s", c.GetType())
	}
	if c.GetType() == schedulerv1.Call_ACKNOWLEDGE && len(c.GetAcknowledge().GetUuid()) != 16 {
		return fmt.Errorf("'acknowledge.uuid' has %d bytes: it must be the 16 bytes of the update's uuid", len(c.GetAcknowledge().GetUuid()))
	}
	if n := len(c.GetAcknowledgeOperationStatus().GetUuid()); c.GetType() == schedulerv1.Call_ACKNOWLEDGE_OPERATION_STATUS && n != 16 {
		return fmt.Errorf("'acknowledge_operation_status.uuid' has %d bytes: it must be the 16 bytes of the status's uuid", n)
	}
	return nil
}

// missingPart names the message that the call's type needs and does not have, "" if none.
func missingPart(c *schedulerv1.Call) string {
	parts := map[schedulerv1.Call_Type]struct {
		name string
		has  bool
	}{
		schedulerv1.Call_SUBSCRIBE:                    {"subscribe", c.Subscribe != nil},
		schedulerv1.Call_ACCEPT:                       {"accept", c.Accept != nil},
		schedulerv1.Call_DECLINE:                      {"decline", c.Decline != nil},
		schedulerv1.Call_ACCEPT_INVERSE_OFFERS:        {"accept_inverse_offers", c.AcceptInverseOffers != nil},
		schedulerv1.Call_DECLINE_INVERSE_OFFERS:       {"decline_inverse_offers", c.DeclineInverseOffers != nil},
		schedulerv1.Call_KILL:                         {"kill", c.Kill != nil},
		schedulerv1.Call_SHUTDOWN:                     {"shutdown", c.Shutdown != nil},
		schedulerv1.Call_ACKNOWLEDGE:                  {"acknowledge", c.Acknowledge != nil},
		schedulerv1.Call_ACKNOWLEDGE_OPERATION_STATUS: {"acknowledge_operation_status", c.AcknowledgeOperationStatus != nil},
		schedulerv1.Call_RECONCILE:                    {"reconcile", c.Reconcile != nil},
		schedulerv1.Call_RECONCILE_OPERATIONS:         {"reconcile_operations", c.ReconcileOperations != nil},
		schedulerv1.Call_MESSAGE:                      {"message", c.Message != nil},
		schedulerv1.Call_REQUEST:                      {"request", c.Request != nil},
		schedulerv1.Call_UPDATE_FRAMEWORK:             {"update_framework", c.UpdateFramework != nil},
	}
	if p, ok := parts[c.GetType()]; ok && !p.has {
		return p.name
	}
	return ""
}
