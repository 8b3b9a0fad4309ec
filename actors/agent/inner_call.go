package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/actors/operator"
	"mesos/messages/ids"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// containerAnswer is what a container call is answered: a code, a sentence for
// a refusal, and the exit that a WAIT was for.
type containerAnswer struct {
	Code int
	Text string
	Exit *containerizer.Exit
}

func refusal(err error) containerAnswer {
	var r *operator.Refusal
	if errors.As(err, &r) {
		return containerAnswer{Code: r.Code, Text: r.Text}
	}
	return containerAnswer{Code: http.StatusBadRequest, Text: err.Error()}
}

// containerCall carries out a container call that has an end: LAUNCH, WAIT,
// KILL, REMOVE and their *_NESTED_* twins. HTTP and executors' links share it.
// done is called once, on any goroutine, unless the agent stops before; ctx
// ends the interest in a WAIT.
func (a *Agent) containerCall(ctx context.Context, call *agentv1.Call, done func(containerAnswer)) {
	id, err := containerOf(call)
	if err != nil {
		done(refusal(err))
		return
	}
	switch call.GetType() {
	case agentv1.Call_LAUNCH_CONTAINER:
		a.launchInner(call.GetLaunchContainer(), false, done)
	case agentv1.Call_LAUNCH_NESTED_CONTAINER:
		n := call.GetLaunchNestedContainer()
		a.launchInner(&agentv1.Call_LaunchContainer{ContainerId: id, Command: n.GetCommand(), Container: n.GetContainer()}, false, done)
	case agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION:
		n := call.GetLaunchNestedContainerSession()
		a.launchInner(&agentv1.Call_LaunchContainer{ContainerId: id, Command: n.GetCommand(), Container: n.GetContainer()}, true, done)
	case agentv1.Call_WAIT_CONTAINER, agentv1.Call_WAIT_NESTED_CONTAINER:
		a.waitInner(ctx, id, done)
	case agentv1.Call_KILL_CONTAINER:
		a.killInner(id, signalOf(call.GetKillContainer().Signal), done)
	case agentv1.Call_KILL_NESTED_CONTAINER:
		a.killInner(id, signalOf(call.GetKillNestedContainer().Signal), done)
	case agentv1.Call_REMOVE_CONTAINER, agentv1.Call_REMOVE_NESTED_CONTAINER:
		a.removeInner(id, done)
	default:
		done(containerAnswer{Code: http.StatusNotImplemented, Text: fmt.Sprintf("type: call %s is none of containers.", call.GetType())})
	}
}

func signalOf(s *int32) int32 {
	if s == nil {
		return int32(syscall.SIGKILL)
	}
	return *s
}

// containerOf is the container that a call is about; errors say what is missing
// or wrong.
func containerOf(call *agentv1.Call) (*v1.ContainerID, error) {
	field, id := containerField(call)
	switch {
	case field == "":
		return nil, operator.Refuse(http.StatusNotImplemented, "type: call %s is none of containers.", call.GetType())
	case id == nil:
		return nil, operator.Refuse(http.StatusBadRequest, "Expecting '%s' to be present: a call of type %s must have it.", field, call.GetType())
	}
	if err := checkContainerID(id); err != nil {
		return nil, operator.Refuse(http.StatusBadRequest, "%s.%v.", field, err)
	}
	if strings.Contains(call.GetType().String(), "_NESTED_") && id.GetParent() == nil {
		return nil, operator.Refuse(http.StatusBadRequest, "%s.container_id.parent must be present: a call of type %s is for nested containers.", field, call.GetType())
	}
	return id, checkLaunch(field, call)
}

// containerField gives a call's own field and the container that it names; nil
// when the field is not there.
func containerField(call *agentv1.Call) (string, *v1.ContainerID) {
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

// checkContainerID refuses an id that cannot be part of a path, or be joined
// with others by dots.
func checkContainerID(id *v1.ContainerID) error {
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

// response is the answer to a WAIT in the shape of its call.
func (ans containerAnswer) response(t agentv1.Call_Type) *agentv1.Response {
	if ans.Exit == nil {
		return nil
	}
	var status *int32
	if s := ans.Exit.Status; s != containerizer.UnknownStatus {
		status = proto.Int32(int32(s))
	}
	var reason *v1.TaskStatus_Reason
	if ans.Exit.HasReason {
		reason = ans.Exit.Reason.Enum()
	}
	message := proto.String(ans.Exit.Message)
	if t == agentv1.Call_WAIT_NESTED_CONTAINER {
		return &agentv1.Response{
			Type:                agentv1.Response_WAIT_NESTED_CONTAINER.Enum(),
			WaitNestedContainer: &agentv1.Response_WaitNestedContainer{ExitStatus: status, Reason: reason, Message: message},
		}
	}
	return &agentv1.Response{
		Type:          agentv1.Response_WAIT_CONTAINER.Enum(),
		WaitContainer: &agentv1.Response_WaitContainer{ExitStatus: status, Reason: reason, Limitation: limitation(*ans.Exit), Message: message},
	}
}

// containerCallMessage carries out a container call of an executor, which may
// touch only what is nested in its own container.
func (a *Agent) containerCallMessage(from actors.UPID, msg *linkpb.ContainerCallMessage) {
	call := msg.GetCall()
	answer := func(ans containerAnswer) {
		out := &linkpb.ContainerAnswerMessage{Id: proto.String(msg.GetId()), Code: proto.Int32(int32(ans.Code)), Response: ans.response(call.GetType())}
		if ans.Text != "" {
			out.Text = proto.String(ans.Text)
		}
		a.p.Send(from, out)
	}
	var e *executor
	if f := a.frameworks[msg.GetFrameworkId().GetValue()]; f != nil {
		e = f.executors[msg.GetExecutorId().GetValue()]
	}
	if c, ok := executorLink(e); !ok || c != from {
		a.log.Warn("container call of an executor that is not subscribed", "executor_id", msg.GetExecutorId().GetValue(), "from", from.String())
		answer(containerAnswer{Code: http.StatusForbidden, Text: fmt.Sprintf("executor %q of framework %q is not subscribed", msg.GetExecutorId().GetValue(), msg.GetFrameworkId().GetValue())})
		return
	}
	id, err := containerOf(call)
	switch {
	case err != nil:
		answer(refusal(err))
	case id.GetParent() == nil || rootKey(innerKey(id)) != e.containerID:
		answer(containerAnswer{Code: http.StatusForbidden, Text: fmt.Sprintf("container %s is not nested in the executor's own, %s", innerKey(id), e.containerID)})
	case call.GetType() == agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION:
		answer(containerAnswer{Code: http.StatusBadRequest, Text: "a session ends with the connection that it was launched by: launch it over HTTP"})
	default:
		a.containerCall(a.ctx, call, answer)
	}
}

// executorLink is the address of an executor that is subscribed over a link.
func executorLink(e *executor) (actors.UPID, bool) {
	if e == nil {
		return actors.UPID{}, false
	}
	c, ok := e.conn.(linkConn)
	return c.to, ok
}
