package executor

import (
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// Codes of answers, as HTTP has them; its package would make executors large.
const (
	codeOK          = 200
	codeAccepted    = 202
	codeNotFound    = 404
	codeUnavailable = 503
)

// Answer is what the agent says to a container call: the code, text and
// response that the same call over HTTP would get.
type Answer struct {
	Code     int
	Text     string
	Response *agentv1.Response // nil where the code says it all
}

// OK says that the call was carried out.
func (a Answer) OK() bool { return a.Code == codeOK || a.Code == codeAccepted }

// NotFound says that there is no such container, or no longer.
func (a Answer) NotFound() bool { return a.Code == codeNotFound }

// Containers makes container calls to the agent, for containers below the
// executor's own. A call that is not answered is made again when the agent is
// back; calls can be made twice without harm. Its methods must be called on the
// Runtime's goroutine.
type Containers struct {
	rt    Runtime
	c     Config
	there bool // the agent is subscribed to
	next  int
	open  []*containerCall // in the order in which they were made
}

type containerCall struct {
	id   string
	call *agentv1.Call
	done func(Answer)
}

// NewContainers makes one for the executor of a Config.
func NewContainers(rt Runtime, c Config) *Containers {
	return &Containers{rt: rt, c: c.withDefaults()}
}

// Do makes a call, at once or when the agent is there. done is called once,
// later.
func (k *Containers) Do(call *agentv1.Call, done func(Answer)) {
	k.next++
	c := &containerCall{strconv.Itoa(k.next), call, done}
	k.open = append(k.open, c)
	if k.there {
		k.send(c)
	}
}

func (k *Containers) send(c *containerCall) {
	var token *string
	if k.c.Token != "" {
		token = &k.c.Token
	}
	k.rt.Send(k.c.Agent, &linkpb.ContainerCallMessage{
		FrameworkId: &v1.FrameworkID{Value: proto.String(k.c.FrameworkID)},
		ExecutorId:  &v1.ExecutorID{Value: proto.String(k.c.ExecutorID)},
		Id:          proto.String(c.id), Call: c.call, Token: token,
	})
}

// Subscribed makes all calls again that are not answered: the agent is there.
func (k *Containers) Subscribed() {
	k.there = true
	for _, c := range k.open {
		k.send(c)
	}
}

// Disconnected keeps calls back until Subscribed.
func (k *Containers) Disconnected() { k.there = false }

// recoveryPause is how long an agent that is not ready is left alone.
const recoveryPause = 500 * time.Millisecond

// Receive takes what came from another actor; only the agent's answers count.
func (k *Containers) Receive(from link.UPID, m proto.Message) {
	a, ok := m.(*linkpb.ContainerAnswerMessage)
	if !ok || from != k.c.Agent {
		return
	}
	i := slices.IndexFunc(k.open, func(c *containerCall) bool { return c.id == a.GetId() })
	if i < 0 {
		return // answered before
	}
	c := k.open[i]
	if a.GetCode() == codeUnavailable {
		k.rt.Delay(recoveryPause, func() {
			if k.there && slices.Contains(k.open, c) {
				k.send(c)
			}
		})
		return
	}
	k.open = slices.Delete(k.open, i, i+1)
	c.done(Answer{int(a.GetCode()), a.GetText(), a.Response})
}
