package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent/validation"
	"mesos/actors/containerizer"
	"mesos/actors/operator"
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
	id, err := validation.Container(call)
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
	if ans := a.unproven(e, msg.GetToken()); ans.Code != http.StatusOK {
		a.log.Warn("container call of an executor that does not show whose it is", "executor_id", e.id, "from", from.String(), "error", ans.Text)
		answer(containerAnswer{Code: ans.Code, Text: ans.Text})
		return
	}
	id, err := validation.Container(call)
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
