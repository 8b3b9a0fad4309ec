package agent

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// checkProviderCall says what is missing in a call of a resource provider, "" if nothing is.
func checkProviderCall(c *rpv1.Call) string {
	there := map[rpv1.Call_Type]bool{
		rpv1.Call_SUBSCRIBE: c.Subscribe != nil, rpv1.Call_UPDATE_STATE: c.UpdateState != nil,
		rpv1.Call_UPDATE_OPERATION_STATUS: c.UpdateOperationStatus != nil, rpv1.Call_UPDATE_PUBLISH_RESOURCES_STATUS: c.UpdatePublishResourcesStatus != nil,
	}
	has, known := there[c.GetType()]
	switch {
	case c.Type == nil || !known:
		return "Expecting 'type' to be present: it must be one of SUBSCRIBE, UPDATE_STATE, UPDATE_OPERATION_STATUS, UPDATE_PUBLISH_RESOURCES_STATUS"
	case !has:
		return fmt.Sprintf("Expecting '%s' to be present: a call of type %s must have it", fieldOf(c.GetType()), c.GetType())
	case c.GetType() == rpv1.Call_SUBSCRIBE:
		return ""
	case c.ResourceProviderId == nil:
		return fmt.Sprintf("Expecting 'resource_provider_id' to be present: a call of type %s must have it", c.GetType())
	}
	var err error
	switch c.GetType() {
	case rpv1.Call_UPDATE_STATE:
		err = checkUUID("update_state.resource_version_uuid", c.GetUpdateState().GetResourceVersionUuid())
	case rpv1.Call_UPDATE_OPERATION_STATUS:
		err = checkUUID("update_operation_status.operation_uuid", c.GetUpdateOperationStatus().GetOperationUuid())
	default:
		err = checkUUID("update_publish_resources_status.uuid", c.GetUpdatePublishResourcesStatus().GetUuid())
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func fieldOf(t rpv1.Call_Type) string {
	return map[rpv1.Call_Type]string{
		rpv1.Call_SUBSCRIBE: "subscribe", rpv1.Call_UPDATE_STATE: "update_state",
		rpv1.Call_UPDATE_OPERATION_STATUS: "update_operation_status", rpv1.Call_UPDATE_PUBLISH_RESOURCES_STATUS: "update_publish_resources_status",
	}[t]
}

func checkUUID(field string, u *v1.UUID) error {
	if n := len(u.GetValue()); n != 16 {
		return fmt.Errorf("%s has %d bytes: it must have 16", field, n)
	}
	return nil
}

// checkProviderStatus refuses a status that cannot be of the operation o, nil if
// that is not known. An end needs a uuid, by which it is acknowledged, and one of
// an operation that makes or unmakes a disk must say what came of it.
func checkProviderStatus(p *provider, o *operation, u *rpv1.Call_UpdateOperationStatus) error {
	const field = "update_operation_status.status"
	s := u.GetStatus()
	if !states.OperationTerminal(s.GetState()) {
		return nil
	}
	if err := checkUUID(field+".uuid", s.GetUuid()); err != nil {
		return err
	}
	made, err := resources.FromProto(s.GetConvertedResources())
	switch {
	case err != nil:
		return fmt.Errorf("%s.converted_resources: %w", field, err)
	case !made.OfProvider(p.id).Equal(made):
		return fmt.Errorf("%s.converted_resources %v must all have the provider_id %q", field, made, p.id)
	case o == nil:
		return nil
	case o.provider != p.id || !o.forwarded:
		return fmt.Errorf("update_operation_status.operation_uuid %x is not that of an operation of this resource provider", u.GetOperationUuid().GetValue())
	case s.GetState() == v1.OperationState_OPERATION_FINISHED && resources.IsDiskOperation(o.m.GetInfo()) && made.IsEmpty():
		return fmt.Errorf("%s.converted_resources must name what came of an operation of type %s", field, o.m.GetInfo().GetType())
	}
	return nil
}
