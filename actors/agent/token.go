package agent

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"mesos/actors"
	"mesos/actors/agent/validation"
	"mesos/actors/authentication"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// tokenVariable is where an executor finds what it has to show.
const tokenVariable = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN"

// tokenOf is the variable with what an executor shows as long as it is in this container, none if there is no key.
// Nothing of it is kept: an agent that starts again knows it by the key.
func (a *Agent) tokenOf(e *executor) []string {
	if a.conf.ExecutorKey == nil {
		return nil
	}
	return []string{tokenVariable + "=" + a.conf.ExecutorKey.Token(e.shows())}
}

// shows is what the token of an executor must say.
func (e *executor) shows() authentication.Executor {
	return authentication.Executor{FrameworkID: e.f.id, ExecutorID: e.id, ContainerID: e.containerID}
}

// isNot says that somebody is not the executor that he calls himself.
func (e *executor) isNot(who authentication.Executor) answer {
	if want := e.shows(); who != want {
		return answer{Code: http.StatusForbidden, Text: fmt.Sprintf("The token is of executor %q of framework %q in container %q: the call is of executor %q of framework %q in container %q.",
			who.ExecutorID, who.FrameworkID, who.ContainerID, want.ExecutorID, want.FrameworkID, want.ContainerID)}
	}
	return answer{Code: http.StatusOK}
}

// unproven says what is wrong with the token of an executor's call over its link.
func (a *Agent) unproven(e *executor, token string) answer {
	if !a.conf.AuthenticateExecutors {
		return answer{Code: http.StatusOK}
	}
	who, err := a.conf.ExecutorKey.Verify(token, time.Now())
	if err != nil {
		return answer{Code: http.StatusForbidden, Text: fmt.Sprintf("executor %q of framework %q must show the token that the agent gave it: %v", e.id, e.f.id, err)}
	}
	return e.isNot(who)
}

// unprovenDriver says why a driver of version 0 may not be an executor. It cannot show a token, and as in Mesos need not,
// but it cannot take the place of an executor that does.
func (a *Agent) unprovenDriver(e *executor) answer {
	shows := e.command || e.info.GetType() == v1.ExecutorInfo_DEFAULT || e.state >= running && e.driver.IsZero()
	if a.conf.AuthenticateExecutors && shows {
		return answer{Code: http.StatusForbidden, Text: fmt.Sprintf("executor %q of framework %q shows a token, which a driver of version 0 cannot", e.id, e.f.id)}
	}
	return answer{Code: http.StatusOK}
}

// askedFor says whether the executor that a request comes from, if it comes from one, is that of its call.
func (e *executor) askedFor(ctx context.Context) answer {
	if who, is := authentication.ExecutorOf(ctx); is {
		return e.isNot(who)
	}
	return answer{Code: http.StatusOK}
}

// provenCall serves an executor that is an actor, and shows whose it is.
func (a *Agent) provenCall(from actors.UPID, msg *linkpb.ExecutorCallMessage) {
	a.linkCall(from, msg.GetCall(), msg.GetToken())
}

// refusalEvent tells an executor that it is not heard, and has to end.
func refusalEvent(ans answer) *executorv1.Event {
	if ans.Code == http.StatusForbidden {
		return &executorv1.Event{Type: executorv1.Event_ERROR.Enum(), Error: &executorv1.Event_Error{Message: &ans.Text}}
	}
	return &executorv1.Event{Type: executorv1.Event_SHUTDOWN.Enum()}
}

// notTheirs says why an executor may not make a call of the operator API, "" if it may or it is no executor's call: they
// have to do only with what is nested in their own containers.
func notTheirs(ctx context.Context, call *agentv1.Call) string {
	who, is := authentication.ExecutorOf(ctx)
	if !is {
		return ""
	}
	field, id := validation.ContainerField(call)
	if field == "" {
		return fmt.Sprintf("Executors may make no call of type %s.", call.GetType())
	}
	if id.GetParent() == nil || rootKey(innerKey(id)) != who.ContainerID {
		return fmt.Sprintf("Container %s is not nested in the executor's own, %s.", innerKey(id), who.ContainerID)
	}
	return ""
}
