package executor

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// callWorld is a world whose agent is sent container calls.
type callWorld struct {
	*world
	k *Containers
}

func (w *callWorld) Send(_ link.UPID, m proto.Message) {
	c := m.(*linkpb.ContainerCallMessage)
	w.say("call %s %s", c.GetId(), c.GetCall().GetKillContainer().GetContainerId().GetValue())
}

func (w *callWorld) do(container string) {
	w.k.Do(&agentv1.Call{Type: agentv1.Call_KILL_CONTAINER.Enum(), KillContainer: &agentv1.Call_KillContainer{ContainerId: &v1.ContainerID{Value: &container}}},
		func(a Answer) { w.say("%s: %d %s", container, a.Code, a.Text) })
}

func (w *callWorld) answer(from link.UPID, id string, code int32) {
	w.k.Receive(from, &linkpb.ContainerAnswerMessage{Id: &id, Code: &code, Text: proto.String("text")})
}

func TestContainerCalls(t *testing.T) {
	w := &callWorld{world: newWorld(nil)}
	w.k = NewContainers(w, w.d.Config())
	want := func(lines string) {
		t.Helper()
		if got := w.took(); got != lines {
			t.Fatalf("got %q, want %q", got, lines)
		}
	}
	w.do("a")
	want("") // nobody is there yet
	w.k.Subscribed()
	want("call 1 a")
	w.do("b")
	want("call 2 b")
	w.answer(link.UPID{ID: "x", Addr: "10.0.0.2:1"}, "1", 200)
	w.answer(agent, "7", 200)
	want("") // of somebody else; of no call
	w.answer(agent, "2", 404)
	w.answer(agent, "2", 404)
	want("b: 404 text") // once
	w.k.Disconnected()
	w.do("c")
	want("")
	w.k.Subscribed()
	want("call 1 a; call 3 c") // what is not answered, in order
	w.answer(agent, "1", 503)
	w.k.Disconnected()
	w.pass(time.Minute)
	want("") // it would be asked again, but is away
	w.k.Subscribed()
	w.answer(agent, "1", 503)
	want("call 1 a; call 3 c")
	w.pass(recoveryPause)
	want("call 1 a")
	w.answer(agent, "1", 202)
	w.answer(agent, "3", 400)
	want("a: 202 text; c: 400 text")
	w.pass(time.Minute)
	if got := w.took(); strings.Contains(got, "call") {
		t.Errorf("got %q, want no call any more", got)
	}
}
