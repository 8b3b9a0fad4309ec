package master

import (
	"net/http"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

// listener is the connection of a framework that remembers its updates.
type listener struct{ states []v1.TaskState }

func (l *listener) Send(e *schedulerv1.Event) {
	if e.GetUpdate() != nil {
		l.states = append(l.states, e.GetUpdate().GetStatus().GetState())
	}
}
func (l *listener) Close()           {}
func (l *listener) StreamID() string { return "stream" }

func TestMarkGone(t *testing.T) {
	for _, c := range []struct {
		name        string
		aware       bool // of partitions
		unreachable bool // before it is marked gone
		want        []v1.TaskState
	}{
		{"registered", true, false, []v1.TaskState{v1.TaskState_TASK_GONE_BY_OPERATOR}},
		{"registered, old framework", false, false, []v1.TaskState{v1.TaskState_TASK_LOST}},
		{"unreachable", true, true, []v1.TaskState{v1.TaskState_TASK_UNREACHABLE, v1.TaskState_TASK_GONE_BY_OPERATOR}},
		{"unreachable, old framework", false, true, []v1.TaskState{v1.TaskState_TASK_LOST}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, l := stand(t, Config{}), &listener{}
			info := proto.CloneOf(webFramework)
			if !c.aware {
				info.Capabilities = info.Capabilities[:1]
			}
			agent, framework := s.register(t, 1, "cpus:4;mem:4096")[0], s.framework(t, info)
			s.do(t, func() {
				s.frameworks[framework].conn = l
				s.launchTask(framework, agent, "web.1", resources.MustParse("cpus:0.1").Allocate("web/a"))
				l.states = nil
				if c.unreachable {
					s.markUnreachable(s.agents[agent])
				}
			})
			s.settled(t)
			for range 2 { // again is as good as once
				if got := s.gone(t, agent); got.Code != http.StatusOK {
					t.Errorf("got %d %q, want 200", got.Code, got.Text)
				}
			}
			s.do(t, func() {
				f := s.frameworks[framework]
				if len(l.states) != len(c.want) || l.states[len(l.states)-1] != c.want[len(c.want)-1] {
					t.Errorf("the framework was told %v, want %v", l.states, c.want)
				}
				if len(f.tasks)+len(f.unreachable.values) != 0 || len(f.completed.values) != 1 || len(s.away.unreachable) != 0 {
					t.Errorf("got %d live, %d unreachable and %d completed tasks, want only one completed", len(f.tasks), len(f.unreachable.values), len(f.completed.values))
				}
				// Its id does not come back.
				self := &v1.AgentInfo{Id: &v1.AgentID{Value: &agent}, Hostname: proto.String("agent.test"), Resources: resources.MustParse("cpus:4").Proto()}
				s.reregisterAgent(agentUPID(1), &internalpb.ReregisterSlaveMessage{Slave: self})
			})
			s.settled(t)
			s.do(t, func() {
				if s.agents[agent] != nil {
					t.Error("the agent came back")
				}
			})
			if got := s.gone(t, "nope"); got.Code != http.StatusNotFound {
				t.Errorf("an unknown agent: got %d, want 404", got.Code)
			}
		})
	}
}

// gone marks an agent gone and waits for the answer.
func (s *standing) gone(tb testing.TB, id string) answer {
	tb.Helper()
	told := make(chan answer, 1)
	s.do(tb, func() { s.markGone(id, func(a answer) { told <- a }) })
	return <-told
}

// TestSnapshotsStay keeps a picture while everything in it changes.
func TestSnapshotsStay(t *testing.T) {
	s := stand(t, Config{})
	agent, framework := s.oneTask(t)
	before, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var same bool
	s.do(t, func() {
		same = s.snapshot().Frameworks[0].Tasks[0] == before.Frameworks[0].Tasks[0]
		s.update(framework, agent, "web.1", v1.TaskState_TASK_FINISHED)
		s.removeTask(s.frameworks[framework], s.frameworks[framework].tasks["web.1"])
	})
	s.gone(t, agent)
	s.do(t, func() { s.teardown(framework) })
	if !same {
		t.Error("a task that has not changed is another in the next snapshot")
	}
	f := before.Frameworks[0]
	if len(before.Agents) != 1 || len(f.Tasks) != 1 || f.Tasks[0].State != v1.TaskState_TASK_RUNNING || len(f.Completed) != 0 {
		t.Errorf("the older snapshot changed: %d agents, %d tasks, %d completed", len(before.Agents), len(f.Tasks), len(f.Completed))
	}
	if got := before.UsedBy(f).CPUs().Float(); got != 0.1 {
		t.Errorf("used in the older snapshot: got %v cpus, want 0.1", got)
	}
	after, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Agents) != 0 || len(after.Frameworks) != 0 || len(after.Completed) != 1 || len(after.Completed[0].Completed) != 1 {
		t.Errorf("the newer snapshot: %d agents, %d frameworks, %d completed", len(after.Agents), len(after.Frameworks), len(after.Completed))
	}
}
