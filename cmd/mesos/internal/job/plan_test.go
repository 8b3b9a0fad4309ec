package job

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/cmd/mesos/internal/client"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func testPlan(instances int) *plan {
	return newPlan(&Options{Args: []string{"true"}, Name: "true", Instances: instances, CPUs: 1, MemMB: 100, Role: "*"}, "abc")
}

func testOffer(text string) *v1.Offer {
	return &v1.Offer{
		Id: ids.Offer("o"), FrameworkId: ids.Framework("f"), AgentId: ids.Agent("a"), Hostname: proto.String("host"),
		Resources: resources.MustParse(text).Allocate("*").Proto(),
		Url:       &v1.URL{Address: &v1.Address{Ip: proto.String("10.0.0.9"), Port: proto.Int32(5051)}},
	}
}

func status(id string, s v1.TaskState) *v1.TaskStatus {
	return &v1.TaskStatus{TaskId: ids.Task(id), State: s.Enum()}
}

func take(t *testing.T, p *plan, o *v1.Offer) []*v1.TaskInfo {
	t.Helper()
	l, err := p.takeOffer(o)
	if err != nil {
		t.Fatal(err)
	}
	return l.tasks
}

func TestPlanFillsOffers(t *testing.T) {
	p := testPlan(3)
	if got := take(t, p, testOffer("cpus:0.9;mem:4096")); len(got) != 0 {
		t.Fatalf("an offer that is too small: got %d tasks", len(got))
	}
	tasks := take(t, p, testOffer("cpus:2.5;mem:4096"))
	if len(tasks) != 2 || p.count(waiting) != 1 {
		t.Fatalf("got %d tasks, %d instances waiting, want 2 and 1", len(tasks), p.count(waiting))
	}
	if got, want := tasks[1].GetTaskId().GetValue(), "true-abc.1"; got != want {
		t.Errorf("task id: got %s, want %s", got, want)
	}
	r, err := resources.FromProto(tasks[0].GetResources())
	if err != nil || !r.Equal(resources.MustParse("cpus:1;mem:100").Allocate("*")) {
		t.Errorf("resources: got %s, %v", r, err)
	}
	want := "http://10.0.0.9:5051/files/download?path=%2Fframeworks%2Ff%2Fexecutors%2Ftrue-abc.0%2Fruns%2Flatest%2Fstdout"
	if got := fileURL(p.instances[0].sandbox, "stdout"); got != want {
		t.Errorf("file: got %s, want %s", got, want)
	}
	if live := p.stop(); len(live) != 2 || p.instances[2].phase != over {
		t.Errorf("stop: got %d to kill, the waiting one is in phase %d", len(live), p.instances[2].phase)
	}
	if got := take(t, p, testOffer("cpus:8;mem:4096")); len(got) != 0 {
		t.Errorf("after stop: got %d tasks", len(got))
	}
}

func TestPlanUpdates(t *testing.T) {
	p := testPlan(1)
	take(t, p, testOffer("cpus:1;mem:100"))
	id := "true-abc"
	if c := p.update(status("other", v1.TaskState_TASK_FAILED)); c.instance != nil {
		t.Error("a status of another task was taken")
	}
	if c := p.update(status(id, v1.TaskState_TASK_STAGING)); c.running || c.ended || c.news {
		t.Errorf("staging: got %+v", c)
	}
	if c := p.update(status(id, v1.TaskState_TASK_RUNNING)); !c.running || !c.news || c.ended {
		t.Errorf("running: got %+v", c)
	}
	if c := p.update(status(id, v1.TaskState_TASK_RUNNING)); c.news {
		t.Errorf("running again: got %+v", c)
	}
	if c := p.update(status(id, v1.TaskState_TASK_FINISHED)); !c.ended {
		t.Errorf("finished: got %+v", c)
	}
	if c := p.update(status(id, v1.TaskState_TASK_FINISHED)); c.instance != nil {
		t.Errorf("finished again: got %+v, want nothing to happen", c)
	}
}

// TestPlanTriesAgain loses the race for an offer: the task is launched anew under another id, and late news of the
// first try count no more.
func TestPlanTriesAgain(t *testing.T) {
	p := testPlan(1)
	take(t, p, testOffer("cpus:1;mem:100"))
	lost := status("true-abc", v1.TaskState_TASK_LOST)
	lost.Reason = v1.TaskStatus_REASON_INVALID_OFFERS.Enum()
	if c := p.update(lost); !c.again || c.ended || p.count(waiting) != 1 {
		t.Fatalf("got %+v", c)
	}
	tasks := take(t, p, testOffer("cpus:1;mem:100"))
	if len(tasks) != 1 || tasks[0].GetTaskId().GetValue() != "true-abc-try2" {
		t.Fatalf("second try: got %v", tasks)
	}
	if c := p.update(lost); c.instance != nil {
		t.Errorf("late news: got %+v", c)
	}
	other := status("true-abc-try2", v1.TaskState_TASK_LOST)
	other.Reason = v1.TaskStatus_REASON_AGENT_REMOVED.Enum()
	if c := p.update(other); !c.ended {
		t.Errorf("a task that may have run: got %+v, want no other try", c)
	}
}

func TestPlanExitCode(t *testing.T) {
	p := testPlan(3)
	take(t, p, testOffer("cpus:3;mem:300"))
	end := func(id string, s v1.TaskState, text string) {
		st := status(id, s)
		st.Message = proto.String(text)
		p.update(st)
	}
	end("true-abc.2", v1.TaskState_TASK_FAILED, "Command exited with status 5")
	end("true-abc.1", v1.TaskState_TASK_FAILED, "Command exited with status 4")
	end("true-abc.0", v1.TaskState_TASK_FINISHED, "")
	if got := p.exitCode(); got != 4 {
		t.Errorf("got %d, want 4: the first that is not 0", got)
	}
}

func TestPick(t *testing.T) {
	n := need{{"cpus", resources.FromFloat(1.5)}, {"mem", resources.FromFloat(100)}, {"disk", 0}}
	for _, tt := range []struct{ offer, want string }{
		{"cpus:2;mem:200", "cpus:1.5;mem:100"},
		{"cpus:2;cpus(r):1;mem:200", "cpus(r):1;cpus:0.5;mem:100"}, // what is reserved first
		{"cpus:1;cpus(r):0.499;mem:200", ""},
		{"cpus:2;mem:99.999", ""},
		{"cpus:2", ""},
	} {
		got, ok := pick(resources.MustParse(tt.offer), n)
		if ok != (tt.want != "") || ok && !got.Equal(resources.MustParse(tt.want)) {
			t.Errorf("%s: got %s, %v, want %q", tt.offer, got, ok, tt.want)
		}
	}
}

func TestExplain(t *testing.T) {
	p := testPlan(1)
	full := &client.State{Agents: []client.Agent{
		{Active: true, Resources: client.Resources{CPUs: 4, Mem: 1000}, Used: client.Resources{CPUs: 3.5, Mem: 200}},
		{Active: false, Resources: client.Resources{CPUs: 9}},
	}}
	for _, tt := range []struct {
		subscribed bool
		state      *client.State
		want       string
	}{
		{false, nil, "the task waits: the master has not taken the subscription yet"},
		{true, nil, "the task waits: no offers come; needed: cpus 1, mem 100 MB"},
		{true, &client.State{}, "the task waits: no offers come; needed: cpus 1, mem 100 MB; the cluster has no agents"},
		{true, full, "the task waits: no offers come; needed: cpus 1, mem 100 MB; in use: 3.5 of 4 cpus, 200 of 1000 MB on 1 agents"},
	} {
		if got := p.explain(tt.subscribed, tt.state); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	take(t, p, testOffer("cpus:0.5;mem:50"))
	take(t, p, testOffer("cpus:0.75;mem:20"))
	want := "the task waits: no offer fits; needed: cpus 1, mem 100 MB; the largest offer had cpus 0.75, mem 20 MB (agent host)"
	if got := p.explain(true, full); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := testPlan(3).explain(true, nil); !strings.HasPrefix(got, "3 of 3 instances wait:") {
		t.Errorf("got %q", got)
	}
}
