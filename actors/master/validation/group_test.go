package validation

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

type launchGroup = v1.Offer_Operation_LaunchGroup

// goodGroup is a group that passes; change makes it another.
func goodGroup(change func(*launchGroup)) *launchGroup {
	second := good(func(t *v1.TaskInfo) { t.TaskId, t.Resources = ids.Task("u"), resources.MustParse("cpus:0.5").Proto() })
	g := &launchGroup{
		Executor:  &v1.ExecutorInfo{ExecutorId: ids.Executor("e"), Type: v1.ExecutorInfo_DEFAULT.Enum(), Resources: resources.MustParse("cpus:0.1;mem:32").Proto()},
		TaskGroup: &v1.TaskGroupInfo{Tasks: []*v1.TaskInfo{good(func(*v1.TaskInfo) {}), second}},
	}
	change(g)
	return g
}

func TestGroup(t *testing.T) {
	first := func(change func(*v1.TaskInfo)) func(*launchGroup) {
		return func(g *launchGroup) { change(g.TaskGroup.Tasks[0]) }
	}
	custom := func(c *v1.CommandInfo) func(*launchGroup) {
		return func(g *launchGroup) { g.Executor.Type, g.Executor.Command = v1.ExecutorInfo_CUSTOM.Enum(), c }
	}
	for _, c := range []struct {
		name   string
		change func(*launchGroup)
		want   string
	}{
		{"good", func(*launchGroup) {}, ""},
		{"a task's weight", first(func(t *v1.TaskInfo) { t.Labels = labelled("MESOS_IO_WEIGHT", "200") }), "put it into executor.labels"},
		{"no tasks", func(g *launchGroup) { g.TaskGroup.Tasks = nil }, "task_group.tasks must hold"},
		{"id twice", func(g *launchGroup) { g.TaskGroup.Tasks[1].TaskId = ids.Task("t") }, `tasks[1].task_id "t"`},
		{"id taken", first(func(t *v1.TaskInfo) { t.TaskId = ids.Task("taken") }), `tasks[0]: task_id "taken" is already used`},
		{"another agent", first(func(t *v1.TaskInfo) { t.AgentId = ids.Agent("b") }), "agent_id"},
		{"task without command", first(func(t *v1.TaskInfo) { t.Command = nil }), "task t: command must be set"},
		{"task without resources", first(func(t *v1.TaskInfo) { t.Resources = nil }), "uses no resources"},
		{"bad health check", first(func(t *v1.TaskInfo) { t.HealthCheck = &v1.HealthCheck{} }), "health_check.type"},
		{"executor of its own", first(func(t *v1.TaskInfo) { t.Executor = &v1.ExecutorInfo{ExecutorId: ids.Executor("other")} }), "executor of task t differs"},
		{"the same executor", func(g *launchGroup) { g.TaskGroup.Tasks[0].Executor = proto.CloneOf(g.Executor) }, ""},
		{"docker task", first(func(t *v1.TaskInfo) { t.Container = &v1.ContainerInfo{Type: v1.ContainerInfo_DOCKER.Enum()} }), "container.type DOCKER must be MESOS"},
		{"task with a network", first(func(t *v1.TaskInfo) {
			t.Container = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), NetworkInfos: []*v1.NetworkInfo{{}}}
		}), "network_infos"},
		{"together too much", first(func(t *v1.TaskInfo) { t.Resources = resources.MustParse("cpus:1.5").Proto() }), "its tasks and their executor use cpus:2.1"},
		{"alone too much", first(func(t *v1.TaskInfo) { t.Resources = resources.MustParse("cpus:3").Proto() }), "tasks[0]: task t"},
		{"bad executor id", func(g *launchGroup) { g.Executor.ExecutorId = ids.Executor("a/b") }, "executor.executor_id"},
		{"no executor type", func(g *launchGroup) { g.Executor.Type = nil }, "executor.type must be set"},
		{"another framework", func(g *launchGroup) { g.Executor.FrameworkId = ids.Framework("g") }, `executor.framework_id "g"`},
		{"default with command", func(g *launchGroup) { g.Executor.Command = &v1.CommandInfo{} }, "executor.command must not be set"},
		{"default in docker", func(g *launchGroup) { g.Executor.Container = &v1.ContainerInfo{Type: v1.ContainerInfo_DOCKER.Enum()} }, "executor.container.type DOCKER"},
		{"custom", custom(&v1.CommandInfo{Value: proto.String("x")}), ""},
		{"custom without command", custom(nil), "executor.command must be set"},
		{"custom with empty command", custom(&v1.CommandInfo{}), "executor.command.value"},
		{"too few cpus", func(g *launchGroup) { g.Executor.Resources = resources.MustParse("cpus:0.001;mem:32").Proto() }, "at least cpus:0.01; mem:32"},
		{"too little memory", func(g *launchGroup) { g.Executor.Resources = resources.MustParse("cpus:0.1").Proto() }, "at least cpus:0.01; mem:32"},
	} {
		_, err := Group(goodGroup(c.change), context())
		want(t, c.name, err, c.want)
	}
	_, err := Group(nil, context())
	want(t, "no message", err, "launch_group must be set")
}

func TestGroupPlan(t *testing.T) {
	c, g := context(), goodGroup(func(*launchGroup) {})
	p, err := Group(g, c)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Needs(), resources.MustParse("cpus:1.6;mem:96").Allocate("web"); !got.Equal(want) {
		t.Errorf("group needs %v, want %v", got, want)
	}
	for _, task := range p.Infos().GetTasks() {
		if e := task.GetExecutor(); e.GetFrameworkId().GetValue() != "f" || e.GetExecutorId().GetValue() != "e" || task.Command == nil {
			t.Errorf("task %s travels with executor %v, command %v; want both, the executor completed", task.GetTaskId().GetValue(), e, task.Command)
		}
	}
	if g.Executor.FrameworkId != nil || g.TaskGroup.Tasks[0].Executor != nil {
		t.Error("the caller's group was changed")
	}
	// The executor runs: another group costs its tasks alone, if it names the same executor.
	c.ExecutorExists = func(string) *v1.ExecutorInfo { return p.Executor }
	again, err := Group(g, c)
	if err != nil || again.New || !again.Uses.IsEmpty() {
		t.Errorf("second group of the executor: got new %v, %v, %v; want it joined for free", again.New, again.Uses, err)
	}
	g.Executor.Name = proto.String("other")
	if _, err := Group(g, c); err == nil || !strings.Contains(err.Error(), "differs") {
		t.Errorf("group with a changed executor: got %v, want it refused", err)
	}
}
