package validation

import (
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

// want checks an error: "" for none, else a part of its text.
func want(t *testing.T, name string, err error, part string) {
	t.Helper()
	switch {
	case part == "" && err != nil:
		t.Errorf("%s: got error %v, want none", name, err)
	case part != "" && err == nil:
		t.Errorf("%s: got no error, want one with %q", name, part)
	case part != "" && !strings.Contains(err.Error(), part):
		t.Errorf("%s: got error %q, want it to have %q", name, err, part)
	}
}

func TestCall(t *testing.T) {
	fid := ids.Framework("f")
	for _, c := range []struct {
		name string
		call *schedulerv1.Call
		want string
	}{
		{"no type", &schedulerv1.Call{}, "'type'"},
		{"type UNKNOWN", &schedulerv1.Call{Type: schedulerv1.Call_UNKNOWN.Enum()}, "'type'"},
		{"subscribe without message", &schedulerv1.Call{Type: schedulerv1.Call_SUBSCRIBE.Enum()}, "'subscribe'"},
		{"subscribe", &schedulerv1.Call{Type: schedulerv1.Call_SUBSCRIBE.Enum(), Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: &v1.FrameworkInfo{}}}, ""},
		{"subscribe with two ids", &schedulerv1.Call{Type: schedulerv1.Call_SUBSCRIBE.Enum(), FrameworkId: fid, Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: &v1.FrameworkInfo{}}}, "must be equal"},
		{"accept without message", &schedulerv1.Call{Type: schedulerv1.Call_ACCEPT.Enum(), FrameworkId: fid}, "'accept'"},
		{"revive without framework", &schedulerv1.Call{Type: schedulerv1.Call_REVIVE.Enum()}, "'framework_id'"},
		{"revive", &schedulerv1.Call{Type: schedulerv1.Call_REVIVE.Enum(), FrameworkId: fid}, ""},
		{"short uuid", &schedulerv1.Call{Type: schedulerv1.Call_ACKNOWLEDGE.Enum(), FrameworkId: fid, Acknowledge: &schedulerv1.Call_Acknowledge{Uuid: []byte("x")}}, "acknowledge.uuid"},
	} {
		want(t, c.name, Call(c.call), c.want)
	}
}

func TestFramework(t *testing.T) {
	multi := []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()}}
	for _, c := range []struct {
		name       string
		info       *v1.FrameworkInfo
		suppressed []string
		noRoot     bool
		want       string
	}{
		{"plain", &v1.FrameworkInfo{}, nil, false, ""},
		{"role", &v1.FrameworkInfo{Role: proto.String("a/b")}, []string{"a/b"}, false, ""},
		{"bad role", &v1.FrameworkInfo{Role: proto.String("a//b")}, nil, false, "framework_info.role"},
		{"roles without capability", &v1.FrameworkInfo{Roles: []string{"a"}}, nil, false, "MULTI_ROLE"},
		{"roles", &v1.FrameworkInfo{Roles: []string{"a", "b"}, Capabilities: multi}, []string{"b"}, false, ""},
		{"role with capability", &v1.FrameworkInfo{Role: proto.String("a"), Capabilities: multi}, nil, false, "set roles"},
		{"role twice", &v1.FrameworkInfo{Roles: []string{"a", "a"}, Capabilities: multi}, nil, false, "roles[1]"},
		{"bad second role", &v1.FrameworkInfo{Roles: []string{"a", ".."}, Capabilities: multi}, nil, false, "roles[1]"},
		{"suppressed role of others", &v1.FrameworkInfo{Roles: []string{"a"}, Capabilities: multi}, []string{"b"}, false, "suppressed_roles[0]"},
		{"id that leaves its directory", &v1.FrameworkInfo{Id: ids.Framework("../x")}, nil, false, "framework_info.id"},
		{"negative timeout", &v1.FrameworkInfo{FailoverTimeout: proto.Float64(-1)}, nil, false, "failover_timeout"},
		{"timeout that is no number", &v1.FrameworkInfo{FailoverTimeout: proto.Float64(math.NaN())}, nil, false, "failover_timeout"},
		{"endless timeout", &v1.FrameworkInfo{FailoverTimeout: proto.Float64(1e30)}, nil, false, "failover_timeout"},
		{"root where it is not allowed", &v1.FrameworkInfo{User: proto.String("root")}, nil, true, "root_submissions"},
	} {
		want(t, c.name, Framework(c.info, c.suppressed, !c.noRoot), c.want)
	}
}

func context() Context {
	return Context{
		Framework: &v1.FrameworkInfo{Id: ids.Framework("f")}, AgentID: "a1", Role: "web",
		Offered:        resources.MustParse("cpus:2;mem:1024;ports:[1-10]").Allocate("web"),
		TaskExists:     func(id string) bool { return id == "taken" },
		ExecutorExists: func(string) *v1.ExecutorInfo { return nil },
	}
}

// good is a task that passes; change makes it another.
func good(change func(*v1.TaskInfo)) *v1.TaskInfo {
	t := &v1.TaskInfo{
		Name: proto.String("t"), TaskId: ids.Task("t"), AgentId: ids.Agent("a1"),
		Resources: resources.MustParse("cpus:1;mem:64").Proto(), Command: &v1.CommandInfo{Value: proto.String("true")},
	}
	change(t)
	return t
}

func TestTask(t *testing.T) {
	exec := func(change func(*v1.ExecutorInfo)) func(*v1.TaskInfo) {
		return func(t *v1.TaskInfo) {
			t.Command = nil
			t.Executor = &v1.ExecutorInfo{ExecutorId: ids.Executor("e"), Command: &v1.CommandInfo{Value: proto.String("x")}}
			change(t.Executor)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*v1.TaskInfo)
		want   string
	}{
		{"good", func(*v1.TaskInfo) {}, ""},
		{"zero gpus are valid", func(t *v1.TaskInfo) {
			t.Resources = append(t.Resources, &v1.Resource{Name: proto.String("gpus"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(0)}})
		}, ""},
		{"all of the offer", func(t *v1.TaskInfo) { t.Resources = resources.MustParse("cpus:2;mem:1024;ports:[1-10]").Proto() }, ""},
		{"more than the offer", func(t *v1.TaskInfo) { t.Resources = resources.MustParse("cpus:2.001").Proto() }, "more than"},
		{"ports of others", func(t *v1.TaskInfo) { t.Resources = resources.MustParse("ports:[10-11]").Proto() }, "more than"},
		{"no resources", func(t *v1.TaskInfo) { t.Resources = nil }, "uses no resources"},
		{"negative resources", func(t *v1.TaskInfo) {
			t.Resources[0].Scalar = &v1.Value_Scalar{Value: proto.Float64(-1)}
		}, "negative"},
		{"allocated to another role", func(t *v1.TaskInfo) { t.Resources = resources.MustParse("cpus:1").Allocate("x").Proto() }, "allocation_info.role"},
		{"allocated to the role", func(t *v1.TaskInfo) { t.Resources = resources.MustParse("cpus:1").Allocate("web").Proto() }, ""},
		{"id with a slash", func(t *v1.TaskInfo) { t.TaskId = ids.Task("../x") }, "task_id"},
		{"id taken", func(t *v1.TaskInfo) { t.TaskId = ids.Task("taken") }, "already used"},
		{"another agent", func(t *v1.TaskInfo) { t.AgentId = ids.Agent("a2") }, "agent_id"},
		{"neither command nor executor", func(t *v1.TaskInfo) { t.Command = nil }, "one of command and executor"},
		{"both", func(t *v1.TaskInfo) { t.Executor = &v1.ExecutorInfo{} }, "only one"},
		{"empty shell command", func(t *v1.TaskInfo) { t.Command.Value = nil }, "command.value"},
		{"uri without value", func(t *v1.TaskInfo) { t.Command.Uris = []*v1.CommandInfo_URI{{Value: proto.String("")}} }, "command.uris[0]"},
		{"variable without value", func(t *v1.TaskInfo) {
			t.Command.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("A")}}}
		}, "variables[0]"},
		{"secret without secret", func(t *v1.TaskInfo) {
			t.Command.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("A"), Type: v1.Environment_Variable_SECRET.Enum()}}}
		}, "secret must be set"},
		{"negative grace", func(t *v1.TaskInfo) {
			t.KillPolicy = &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(-1)}}
		}, "grace_period"},
		{"a drain period without a unit", func(t *v1.TaskInfo) {
			t.Labels = labelled("MESOS_DRAIN_PERIOD", "10")
		}, "labels: label MESOS_DRAIN_PERIOD"},
		{"no cores", func(t *v1.TaskInfo) { t.Labels = labelled("MESOS_CPUSET", "first") }, "task t: labels: label MESOS_CPUSET"},
		{"bounds of the executor's container", func(t *v1.TaskInfo) {
			exec(func(*v1.ExecutorInfo) {})(t)
			t.Labels = labelled("MESOS_IO_LIMITS", "read_bytes=1MB")
		}, "put it into executor.labels"},
		{"executor with a bad weight", exec(func(e *v1.ExecutorInfo) { e.Labels = labelled("MESOS_IO_WEIGHT", "0") }), "executor.labels: label MESOS_IO_WEIGHT"},
		{"executor with bounds", exec(func(e *v1.ExecutorInfo) { e.Labels = labelled("MESOS_IO_LIMITS", "read_bytes=1MB") }), ""},
		{"negative limit", func(t *v1.TaskInfo) { t.Limits = map[string]*v1.Value_Scalar{"cpus": {Value: proto.Float64(-1)}} }, "limits"},
		{"executor", exec(func(*v1.ExecutorInfo) {}), ""},
		{"executor without command", exec(func(e *v1.ExecutorInfo) { e.Command = nil }), "executor.command"},
		{"executor with a bad id", exec(func(e *v1.ExecutorInfo) { e.ExecutorId = ids.Executor("a/b") }), "executor.executor_id"},
		{"executor of another framework", exec(func(e *v1.ExecutorInfo) { e.FrameworkId = ids.Framework("g") }), "executor.framework_id"},
		{"default executor", exec(func(e *v1.ExecutorInfo) { e.Type = v1.ExecutorInfo_DEFAULT.Enum() }), "LAUNCH_GROUP"},
		{"executor too large", exec(func(e *v1.ExecutorInfo) { e.Resources = resources.MustParse("cpus:1.5").Proto() }), "more than"},
	} {
		_, err := Task(good(c.change), context())
		want(t, c.name, err, c.want)
	}
}

func TestTaskPlan(t *testing.T) {
	c := context()
	task := good(func(t *v1.TaskInfo) {
		t.Command = nil
		t.Executor = &v1.ExecutorInfo{ExecutorId: ids.Executor("e"), Command: &v1.CommandInfo{Value: proto.String("x")}, Resources: resources.MustParse("cpus:0.5").Proto()}
	})
	p, err := Task(task, c)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Task, resources.MustParse("cpus:1;mem:64").Allocate("web"); !got.Equal(want) {
		t.Errorf("task uses %v, want %v", got, want)
	}
	if got, want := p.Executor, resources.MustParse("cpus:0.5").Allocate("web"); p.NewExecutor == nil || !got.Equal(want) {
		t.Errorf("executor uses %v, want %v", got, want)
	}
	if got := p.Info.GetExecutor().GetFrameworkId().GetValue(); got != "f" {
		t.Errorf("executor.framework_id = %q, want it filled in", got)
	}
	if task.GetExecutor().FrameworkId != nil {
		t.Error("the caller's task was changed")
	}
	// A second task joins the running executor, which costs nothing more; a changed one is refused.
	c.ExecutorExists = func(string) *v1.ExecutorInfo { return p.NewExecutor }
	again, err := Task(task, c)
	if err != nil || again.NewExecutor != nil || !again.Executor.IsEmpty() {
		t.Errorf("second task of the executor: got %v, %v, want the executor joined for free", again.NewExecutor, err)
	}
	task.Executor.Name = proto.String("other")
	if _, err := Task(task, c); err == nil || !strings.Contains(err.Error(), "differs") {
		t.Errorf("task with a changed executor: got %v, want it refused", err)
	}
}

func TestUnmixed(t *testing.T) {
	lent := func(text string) resources.Resources { return resources.MustParse(text).Revoked() }
	for _, c := range []struct {
		name string
		r    resources.Resources
		want string
	}{
		{"nothing", resources.Resources{}, ""},
		{"own", resources.MustParse("cpus:1;mem:32"), ""},
		{"lent", lent("cpus:1;mem:32"), ""},
		{"of each name one", lent("cpus:1").Add(resources.MustParse("mem:32")), ""},
		{"of one name both", lent("cpus:1").Add(resources.MustParse("cpus:1")), "both revocable and other cpus"},
		{"of one name both, for a role", lent("mem:1").Allocate("web").Add(resources.MustParse("cpus:1;mem(web):1").Allocate("web")), "both revocable and other mem"},
	} {
		want(t, c.name, unmixed(c.r), c.want)
	}
}

func labelled(key, value string) *v1.Labels {
	return &v1.Labels{Labels: []*v1.Label{{Key: &key, Value: &value}}}
}
