package agent

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/authentication"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// asExecutor is the context of a request that came through a guard with a token of a container, "" for without a token.
func asExecutor(t *testing.T, container string) (ctx context.Context) {
	t.Helper()
	if container == "" {
		return t.Context()
	}
	s := &authentication.Realms{Asks: map[authentication.Access]bool{authentication.Executors: true}, Key: authentication.Key("k")}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Authorization", "Bearer "+s.Key.Token(authentication.Executor{FrameworkID: "f", ExecutorID: "e", ContainerID: container}))
	s.Guard(authentication.Executors, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })).ServeHTTP(httptest.NewRecorder(), r)
	return ctx
}

// Executors have to do only with what is nested in their own containers.
func TestCallsOfExecutors(t *testing.T) {
	id := func(names ...string) (out *v1.ContainerID) {
		for _, n := range names {
			out = &v1.ContainerID{Value: proto.String(n), Parent: out}
		}
		return out
	}
	launch := func(c *v1.ContainerID) *agentv1.Call {
		return &agentv1.Call{Type: agentv1.Call_LAUNCH_CONTAINER.Enum(), LaunchContainer: &agentv1.Call_LaunchContainer{ContainerId: c}}
	}
	input := &agentv1.Call{Type: agentv1.Call_ATTACH_CONTAINER_INPUT.Enum(), AttachContainerInput: &agentv1.Call_AttachContainerInput{ContainerId: id("other", "n")}}
	for _, c := range []struct {
		who  string
		call *agentv1.Call
		why  string
	}{
		{"", launch(id("standalone")), ""},
		{"", &agentv1.Call{Type: agentv1.Call_GET_STATE.Enum()}, ""},
		{"c", launch(id("c", "n")), ""},
		{"c", launch(id("c", "n", "deeper")), ""},
		{"c", launch(id("c")), "not nested"},
		{"c", launch(id("standalone")), "not nested"},
		{"c", launch(id("other", "n")), "not nested"},
		{"c", launch(id("other", "c", "n")), "not nested"},
		{"c", input, "not nested"},
		{"other", input, ""},
		{"c", &agentv1.Call{Type: agentv1.Call_GET_STATE.Enum()}, "GET_STATE"},
		{"c", &agentv1.Call{Type: agentv1.Call_PRUNE_IMAGES.Enum()}, "PRUNE_IMAGES"},
	} {
		if got := notTheirs(asExecutor(t, c.who), c.call); (got == "") != (c.why == "") || !strings.Contains(got, c.why) {
			t.Errorf("%q: %v: got %q, want %q", c.who, c.call, got, c.why)
		}
	}
	e := &executor{id: "e", f: &framework{id: "f"}, containerID: "c"}
	for who, want := range map[string]int{"": 200, "c": 200, "before": 403} {
		if got := e.askedFor(asExecutor(t, who)); got.Code != want {
			t.Errorf("call of the executor with a token of container %q: got %v, want %d", who, got, want)
		}
	}
}
