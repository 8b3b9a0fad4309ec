package simtest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent"
	"mesos/actors/authentication"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// proving is a cluster whose agents hear only executors that show their token.
func proving(agents int, seed uint64) Options {
	return Options{Agents: agents, Seed: seed, Referee: seed != 0, Agent: func(c *agent.Config) {
		c.ExecutorKey, c.AuthenticateExecutors = authentication.Key("key of agents"), true
	}}
}

// Whatever of their calls is lost, late or comes twice: executors that show their token are heard, in pods too.
func TestTokensUnderFaults(t *testing.T) {
	rules := []string{""}
	for _, message := range []string{"ExecutorCallMessage", "ContainerCallMessage"} {
		for _, action := range []string{"drop", "duplicate", "delay 3s", "hangup"} {
			if action == "drop" && message == "ContainerCallMessage" {
				continue // made again only when a session ended with it
			}
			rules = append(rules, action+" message="+message+" count=3")
		}
	}
	for i, rule := range rules {
		t.Run(rule, func(t *testing.T) {
			Run(t, proving(1, uint64(i+1)), func(c *Cluster) {
				if rule != "" {
					c.rule(rule)
				}
				f := c.Framework("web", FrameworkOptions{Info: aware()})
				f.Launch("plain", "sleep 5", "cpus:0.5;mem:32")
				f.LaunchTask(custom("own", "e", "x"))
				f.LaunchPod(PodExecutor("pod"), PodTask("nested", "sleep 5"))
				for _, id := range []string{"plain", "own", "nested"} {
					c.Until(10*time.Minute, "the end of "+id, f.In(id, finished))
				}
				c.Check()
			})
		})
	}
}

// Tokens are good as long as the key is: an agent that starts again knows its executors by it, one that has another key
// tells them to go.
func TestTokensLiveThroughARestart(t *testing.T) {
	key := authentication.Key("first")
	o := proving(1, 0)
	o.Agent = func(c *agent.Config) { c.ExecutorKey, c.AuthenticateExecutors = key, true }
	Run(t, o, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task", f.In("t", running))
		c.Agents[0].Crash()
		c.Agents[0].Start()
		c.Advance(time.Minute)
		if c.Runs("t") != 1 || !f.In("t", running)() {
			t.Errorf("after a restart: got %v, want the task to run", f.Last("t"))
		}
		key = authentication.Key("second")
		c.Agents[0].Crash()
		c.Agents[0].Start()
		c.Until(time.Minute, "the end of an executor that shows a token of another key", func() bool { return c.Runs("t") == 0 && f.Over("t") })
		c.Check()
	})
}

// stranger is an actor that says to an agent what a test wants, and hears what it answers.
type stranger struct {
	p  *actors.Process
	mu sync.Mutex
	in []proto.Message
}

func (s *stranger) heard(what func(proto.Message) bool) func() bool {
	return func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, m := range s.in {
			if what(m) {
				return true
			}
		}
		return false
	}
}

// Nobody is taken for an executor who does not show its token: neither over a link nor, in the place of one that does, as
// a driver of version 0.
func TestStrangersAreNoExecutors(t *testing.T) {
	Run(t, proving(1, 0), func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		for _, id := range []string{"a", "b"} {
			f.Launch(id, "forever", "cpus:1;mem:32")
			c.Until(time.Minute, id+" to run", f.In(id, running))
		}
		status := f.Last("a").GetContainerStatus()
		s := &stranger{}
		at := actors.UPID{ID: "slave(1)", Addr: c.Agents[0].Addr()}
		c.Program(func(where Place) error {
			var err error
			s.p, err = where.System.Spawn("executor(1)", actors.ActorFunc(func(p *actors.Process) {
				p.OnMessage(func(_ actors.UPID, m proto.Message) {
					s.mu.Lock()
					defer s.mu.Unlock()
					s.in = append(s.in, m)
				})
			}))
			return err
		})
		call := func(kind executorv1.Call_Type) *executorv1.Call {
			return &executorv1.Call{Type: kind.Enum(), FrameworkId: ids.Framework(f.ID()), ExecutorId: ids.Executor("a")}
		}
		subscribe := call(executorv1.Call_SUBSCRIBE)
		subscribe.Subscribe = &executorv1.Call_Subscribe{}
		of := func(e authentication.Executor, k string) *string { return proto.String(authentication.Key(k).Token(e)) }
		own := authentication.Executor{FrameworkID: f.ID(), ExecutorID: "a", ContainerID: status.GetContainerId().GetValue()}
		other, former := own, own
		other.ContainerID = f.Last("b").GetContainerStatus().GetContainerId().GetValue()
		other.ExecutorID, former.ContainerID = "b", "another"
		for _, m := range []proto.Message{
			subscribe,
			&linkpb.ExecutorCallMessage{Token: proto.String(""), Call: subscribe},
			&linkpb.ExecutorCallMessage{Token: of(own, "another key"), Call: subscribe},
			&linkpb.ExecutorCallMessage{Token: of(other, "key of agents"), Call: subscribe},
			&linkpb.ExecutorCallMessage{Token: of(former, "key of agents"), Call: subscribe},
		} {
			s.mu.Lock()
			s.in = nil
			s.mu.Unlock()
			s.p.Dispatch(func() { s.p.Send(at, m) })
			c.Until(time.Minute, "the refusal", s.heard(func(m proto.Message) bool {
				e, _ := m.(*executorv1.Event)
				return e.GetType() == executorv1.Event_ERROR && strings.Contains(e.GetError().GetMessage(), "token")
			}))
		}
		s.p.Dispatch(func() {
			update := call(executorv1.Call_UPDATE)
			update.Update = &executorv1.Call_Update{Status: &v1.TaskStatus{TaskId: ids.Task("a"), State: failed.Enum(), Uuid: make([]byte, 16)}}
			s.p.Send(at, &linkpb.ExecutorCallMessage{Token: of(other, "key of agents"), Call: update})
			s.p.Send(at, &internalpb.RegisterExecutorMessage{FrameworkId: ids.Framework(f.ID()), ExecutorId: ids.Executor("a")})
			kill := &agentv1.Call{Type: agentv1.Call_KILL_CONTAINER.Enum(), KillContainer: &agentv1.Call_KillContainer{ContainerId: status.GetContainerId()}}
			s.p.Send(at, &linkpb.ContainerCallMessage{FrameworkId: ids.Framework(f.ID()), ExecutorId: ids.Executor("a"), Id: proto.String("1"), Call: kill})
		})
		c.Until(time.Minute, "the refusal of a driver", s.heard(func(m proto.Message) bool { _, is := m.(*internalpb.ShutdownExecutorMessage); return is }))
		c.Until(time.Minute, "the refusal of a container call", s.heard(func(m proto.Message) bool {
			a, _ := m.(*linkpb.ContainerAnswerMessage)
			return a.GetCode() == 403
		}))
		c.Advance(time.Minute)
		if c.Runs("a") != 1 || !f.In("a", running)() {
			t.Errorf("got %v, want the task to run as before", f.Last("a"))
		}
		f.Driver().Kill("a", nil)
		c.Until(time.Minute, "the executor itself is still heard", f.In("a", killed))
		c.Check()
	})
}

// A custom executor on a driver of version 0 cannot show a token, and as in Mesos need not.
func TestV0ExecutorNeedsNoToken(t *testing.T) {
	Run(t, proving(1, 0), func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		task := forever("t", "e")
		task.Executor.Command.Value = proto.String(V0Command)
		f.LaunchTask(task)
		c.Until(time.Minute, "its task", f.In("t", running))
		c.Agents[0].Crash()
		c.Agents[0].Start()
		c.Advance(time.Minute)
		if c.Runs("t") != 1 {
			t.Errorf("after a restart of the agent: got %v, want the task to run", f.Last("t"))
		}
	})
}
