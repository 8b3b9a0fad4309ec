package job

import (
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func podPlan(share ...string) *plan {
	return newPlan(&Options{Args: []string{"echo a", "echo b"}, Name: "echo", Pod: true, Share: share, Instances: 1, CPUs: 1, MemMB: 100, Role: "*"}, "abc")
}

func TestPodPlan(t *testing.T) {
	p := podPlan("data")
	if got, want := p.o.atOnce().String(), "cpus 2.01, mem 232 MB"; got != want {
		t.Errorf("needs %q at once, want %q", got, want)
	}
	if got := take(t, p, testOffer("cpus:2;mem:4096")); len(got) != 0 || p.largest == nil {
		t.Fatalf("an offer without room for the executor: got %d tasks, noted %v", len(got), p.largest)
	}
	l, err := p.takeOffer(testOffer("cpus:2.01;mem:232"))
	if err != nil || len(l.tasks) != 2 {
		t.Fatalf("an offer that fits exactly: got %d tasks, %v", len(l.tasks), err)
	}
	r, err := resources.FromProto(l.executor.GetResources())
	if err != nil || !r.Equal(resources.MustParse("cpus:0.01;mem:32").Allocate("*")) || l.executor.GetType() != v1.ExecutorInfo_DEFAULT {
		t.Errorf("executor: got %v, %v", l.executor, err)
	}
	if c := l.tasks[1].GetCommand(); !c.GetShell() || c.GetValue() != "echo b" {
		t.Errorf("command of the second task: got %v", c)
	}
	v := l.tasks[0].GetContainer().GetVolumes()
	if len(v) != 1 || v[0].GetContainerPath() != "data" || v[0].GetSource().GetSandboxPath().GetType() != v1.Volume_Source_SandboxPath_PARENT {
		t.Errorf("volumes: got %v", v)
	}
	want := "http://10.0.0.9:5051/files/download?path=%2Fframeworks%2Ff%2Fexecutors%2Fecho-abc%2Fruns%2Flatest%2Ftasks%2Fecho-abc.1%2Fstdout"
	if got := fileURL(p.instances[1].sandbox, "stdout"); got != want {
		t.Errorf("file: got %s, want %s", got, want)
	}
	// The offer was gone: it waits as a whole until both tasks are told lost.
	undone := func(id string) *v1.TaskStatus {
		s := status(id, v1.TaskState_TASK_LOST)
		s.Reason = v1.TaskStatus_REASON_INVALID_OFFERS.Enum()
		return s
	}
	p.update(undone("echo-abc.0"))
	if got := take(t, p, testOffer("cpus:4;mem:4096")); len(got) != 0 {
		t.Errorf("half of the pod: got %d tasks launched, want none", len(got))
	}
	p.update(undone("echo-abc.1"))
	if got := take(t, p, testOffer("cpus:4;mem:4096")); len(got) != 2 || got[1].GetTaskId().GetValue() != "echo-abc.1-try2" {
		t.Errorf("all of the pod: got %v, want it launched again", got)
	}
}

// The task that failed says how the pod ended, not those that were killed because of it.
func TestPodExitCode(t *testing.T) {
	p := podPlan()
	take(t, p, testOffer("cpus:4;mem:4096"))
	killed, failed := status("echo-abc.0", v1.TaskState_TASK_KILLED), status("echo-abc.1", v1.TaskState_TASK_FAILED)
	text, why := "Command terminated with signal Terminated", "Command exited with status 7"
	killed.Message, failed.Message = &text, &why
	p.update(failed)
	p.update(killed)
	if got := p.exitCode(); got != 7 {
		t.Errorf("got exit code %d, want 7", got)
	}
}

func TestPodOptions(t *testing.T) {
	for _, c := range []struct {
		change func(*Options)
		want   string
	}{
		{func(*Options) {}, ""},
		{func(o *Options) { o.Instances = 2 }, "a pod runs once"},
		{func(o *Options) { o.Args = []string{"a", ""} }, "word 2 is empty"},
		{func(o *Options) { o.Share = []string{"../x"} }, "--share"},
		{func(o *Options) { o.Share = []string{"."} }, "--share"},
		{func(o *Options) { o.Pod, o.Share = false, []string{"x"} }, "add --pod"},
	} {
		o := podPlan("data").o
		c.change(o)
		err := o.check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("got error %v, want one with %q", err, c.want)
		}
	}
}
