package master

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// TestEndedTaskOfReturningAgent has an agent register again before and after it has heard that the end of its task is
// acknowledged: the end stays the end, and nothing of the task is left.
func TestEndedTaskOfReturningAgent(t *testing.T) {
	for _, c := range []struct {
		name         string
		acknowledged bool // by the framework, before the agent speaks of the task for the last time
		want         []v1.TaskState
	}{
		{"acknowledged", true, []v1.TaskState{v1.TaskState_TASK_FINISHED}},
		{"restarted without it", false, []v1.TaskState{v1.TaskState_TASK_FINISHED, v1.TaskState_TASK_FINISHED}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, l := stand(t, Config{}), &listener{}
			agent, framework := s.register(t, 1, "cpus:4;mem:4096")[0], s.framework(t, webFramework)
			again := func(tasks ...*v1.Task) {
				a := s.agents[agent]
				s.reregisterAgent(a.upid, &internalpb.ReregisterSlaveMessage{Slave: proto.CloneOf(a.info), Version: proto.String(a.version), Tasks: tasks})
			}
			s.do(t, func() {
				s.frameworks[framework].conn = l
				s.launchTask(framework, agent, "web.1", resources.MustParse("cpus:0.1").Allocate("web/a"))
				l.states = nil
				s.update(framework, agent, "web.1", v1.TaskState_TASK_FINISHED)
				task := s.frameworks[framework].tasks["web.1"]
				desc := proto.CloneOf(task.desc)
				desc.State, desc.AgentId = v1.TaskState_TASK_FINISHED.Enum(), ids.Agent(agent)
				if c.acknowledged {
					s.removeTask(s.frameworks[framework], task)
					again(desc)
				}
				again()
				if n := len(s.frameworks[framework].tasks) + len(s.agents[agent].tasks[framework]); n != 0 {
					t.Errorf("%d tasks are left, want none", n)
				}
			})
			s.settled(t)
			s.do(t, func() {
				if len(l.states) != len(c.want) {
					t.Errorf("the framework was told %v, want %v", l.states, c.want)
				}
				for _, got := range l.states {
					if got != v1.TaskState_TASK_FINISHED {
						t.Errorf("the framework was told %v, want TASK_FINISHED alone", got)
					}
				}
			})
		})
	}
}
