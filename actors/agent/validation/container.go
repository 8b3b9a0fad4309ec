// Package validation says which calls about containers an agent accepts, and why it
// does not accept others. The agent calls it for what comes over HTTP and for what
// executors send; it knows nothing but the call.
package validation

import (
	"fmt"
	"net/http"
	"strings"

	"mesos/actors/operator"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// Container is the container that a call is about; errors say what is missing
// or wrong.
func Container(call *agentv1.Call) (*v1.ContainerID, error) {
	field, id := ContainerField(call)
	switch {
	case field == "":
		return nil, operator.Refuse(http.StatusNotImplemented, "type: call %s is none of containers.", call.GetType())
	case id == nil:
		return nil, operator.Refuse(http.StatusBadRequest, "Expecting '%s' to be present: a call of type %s must have it.", field, call.GetType())
	}
	if err := ContainerID(id); err != nil {
		return nil, operator.Refuse(http.StatusBadRequest, "%s.%v.", field, err)
	}
	if strings.Contains(call.GetType().String(), "_NESTED_") && id.GetParent() == nil {
		return nil, operator.Refuse(http.StatusBadRequest, "%s.container_id.parent must be present: a call of type %s is for nested containers.", field, call.GetType())
	}
	return id, checkLaunch(field, call)
}

// ContainerField gives a call's own field and the container that it names; nil
// when the field is not there.
func ContainerField(call *agentv1.Call) (string, *v1.ContainerID) {
	switch call.GetType() {
	case agentv1.Call_LAUNCH_CONTAINER:
		return "launch_container", call.GetLaunchContainer().GetContainerId()
	case agentv1.Call_LAUNCH_NESTED_CONTAINER:
		return "launch_nested_container", call.GetLaunchNestedContainer().GetContainerId()
	case agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION:
		return "launch_nested_container_session", call.GetLaunchNestedContainerSession().GetContainerId()
	case agentv1.Call_WAIT_CONTAINER:
		return "wait_container", call.GetWaitContainer().GetContainerId()
	case agentv1.Call_WAIT_NESTED_CONTAINER:
		return "wait_nested_container", call.GetWaitNestedContainer().GetContainerId()
	case agentv1.Call_KILL_CONTAINER:
		return "kill_container", call.GetKillContainer().GetContainerId()
	case agentv1.Call_KILL_NESTED_CONTAINER:
		return "kill_nested_container", call.GetKillNestedContainer().GetContainerId()
	case agentv1.Call_REMOVE_CONTAINER:
		return "remove_container", call.GetRemoveContainer().GetContainerId()
	case agentv1.Call_REMOVE_NESTED_CONTAINER:
		return "remove_nested_container", call.GetRemoveNestedContainer().GetContainerId()
	case agentv1.Call_ATTACH_CONTAINER_OUTPUT:
		return "attach_container_output", call.GetAttachContainerOutput().GetContainerId()
	case agentv1.Call_ATTACH_CONTAINER_INPUT:
		return "attach_container_input", call.GetAttachContainerInput().GetContainerId()
	}
	return "", nil
}

// maxDepth bounds how deep containers nest: each level is part of a path.
const maxDepth = 32

// ContainerID refuses an id that cannot be part of a path, or be joined
// with others by dots.
func ContainerID(id *v1.ContainerID) error {
	name := "container_id"
	for depth := 1; id != nil; depth++ {
		v := id.GetValue()
		if err := ids.Check(name+".value", v); err != nil {
			return err
		}
		if strings.ContainsAny(v, ". ") {
			return fmt.Errorf("%s.value %q holds a dot or a space: neither is allowed", name, v)
		}
		if depth > maxDepth {
			return fmt.Errorf("container_id is nested %d levels deep or more: at most %d are allowed", depth, maxDepth)
		}
		name, id = name+".parent", id.GetParent()
	}
	return nil
}

// checkLaunch refuses what no containerizer here can do.
func checkLaunch(field string, call *agentv1.Call) error {
	var command *v1.CommandInfo
	var info *v1.ContainerInfo
	switch call.GetType() {
	case agentv1.Call_LAUNCH_CONTAINER:
		command, info = call.GetLaunchContainer().GetCommand(), call.GetLaunchContainer().GetContainer()
	case agentv1.Call_LAUNCH_NESTED_CONTAINER:
		command, info = call.GetLaunchNestedContainer().GetCommand(), call.GetLaunchNestedContainer().GetContainer()
	case agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION:
		command, info = call.GetLaunchNestedContainerSession().GetCommand(), call.GetLaunchNestedContainerSession().GetContainer()
	default:
		return nil
	}
	switch {
	case command.GetValue() == "" && (info.GetMesos().GetImage() == nil || command.GetShell()):
		return operator.Refuse(http.StatusBadRequest, "%s.command.value must be present: there is no image that could say what to run.", field)
	case info != nil && info.GetType() != v1.ContainerInfo_MESOS:
		return operator.Refuse(http.StatusBadRequest, "%s.container.type %s is not supported by this agent: it must be MESOS.", field, info.GetType())
	case info.GetMesos().GetImage() != nil && call.GetType() == agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION:
		return operator.Refuse(http.StatusBadRequest, "%s.container.mesos.image: a session sees the files of the container around it: leave it out.", field)
	}
	return nil
}
