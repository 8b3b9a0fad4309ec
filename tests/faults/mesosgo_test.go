package faults

import (
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// TestMesosGoExecutor: an executor of somebody else, over HTTP, finds its agent again after kill -9 and gets the next
// task in the same process.
func TestMesosGoExecutor(t *testing.T) {
	t.Parallel()
	bin, err := cluster.BuildModule("tests/clients/mesosgo", "github.com/mesos/mesos-go/api/v1/cmd/example-executor")
	if err != nil {
		t.Fatal(err)
	}
	c, l := small(t, nil)
	program := filepath.Join(bin, "example-executor")
	executor := &v1.ExecutorInfo{
		ExecutorId: ids.Executor("e"), Resources: resources.MustParse(perTask).Proto(),
		Command: &v1.CommandInfo{Shell: proto.Bool(false), Value: &program, Arguments: []string{program}},
	}
	launch := func(id string) {
		t.Helper()
		info := task(id)
		info.Executor = executor
		l.launch(&record{id: id, executor: "e"}, info)
		eventually(t, "the task to end", l.is(id, v1.TaskState_TASK_FINISHED))
	}
	launch("first")
	pid := executors(c)["e"]
	for _, id := range []string{"second", "third"} {
		c.Agents[0].Kill()
		c.Agents[0].Restart()
		launch(id)
		if now := executors(c)["e"]; now != pid || pid == 0 {
			t.Errorf("task %s ran in process %d, want the first's, %d", id, now, pid)
		}
	}
}
