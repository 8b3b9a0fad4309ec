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
	name, has := partOf(c)
	if has {
		return ""
	}
	return name
}

// partOf names the message that the call's type needs, "" if it needs none, and says whether it is there.
func partOf(c *schedulerv1.Call) (name string, has bool) {
	switch c.GetType() {
	case schedulerv1.Call_SUBSCRIBE:
		return "subscribe", c.Subscribe != nil
	case schedulerv1.Call_ACCEPT:
		return "accept", c.Accept != nil
	case schedulerv1.Call_DECLINE:
		return "decline", c.Decline != nil
	case schedulerv1.Call_ACCEPT_INVERSE_OFFERS:
		return "accept_inverse_offers", c.AcceptInverseOffers != nil
	case schedulerv1.Call_DECLINE_INVERSE_OFFERS:
		return "decline_inverse_offers", c.DeclineInverseOffers != nil
	case schedulerv1.Call_KILL:
		return "kill", c.Kill != nil
	case schedulerv1.Call_SHUTDOWN:
		return "shutdown", c.Shutdown != nil
	case schedulerv1.Call_ACKNOWLEDGE:
		return "acknowledge", c.Acknowledge != nil
	case schedulerv1.Call_ACKNOWLEDGE_OPERATION_STATUS:
		return "acknowledge_operation_status", c.AcknowledgeOperationStatus != nil
	case schedulerv1.Call_RECONCILE:
		return "reconcile", c.Reconcile != nil
	case schedulerv1.Call_RECONCILE_OPERATIONS:
		return "reconcile_operations", c.ReconcileOperations != nil
	case schedulerv1.Call_MESSAGE:
		return "message", c.Message != nil
	case schedulerv1.Call_REQUEST:
		return "request", c.Request != nil
	case schedulerv1.Call_UPDATE_FRAMEWORK:
		return "update_framework", c.UpdateFramework != nil
	}
	return "", true
}
