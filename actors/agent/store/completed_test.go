package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
)

func over(container string, ended int64, tasks ...string) Completed {
	c := Completed{
		Framework: &v1.FrameworkInfo{User: proto.String("u"), Name: proto.String("n"), Id: ids.Framework("f")}, ExecutorID: "e", ContainerID: container,
		Command: true, Ended: time.Unix(ended, 5), Info: &v1.ExecutorInfo{ExecutorId: ids.Executor("e")},
	}
	for _, id := range tasks {
		c.Tasks = append(c.Tasks, CompletedTask{
			Info:     &v1.TaskInfo{Name: proto.String("n"), TaskId: ids.Task(id), AgentId: ids.Agent("a")},
			Statuses: []*v1.TaskStatus{{TaskId: ids.Task(id), State: v1.TaskState_TASK_RUNNING.Enum()}, {TaskId: ids.Task(id), State: v1.TaskState_TASK_FINISHED.Enum()}},
		})
	}
	return c
}

func words(list []Completed) (out []string) {
	for _, c := range list {
		s := fmt.Sprintf("%x %s %s %v %d %x", bytesOf(c.Framework), c.ExecutorID, c.ContainerID, c.Command, c.Ended.UnixNano(), bytesOf(c.Info))
		for _, t := range c.Tasks {
			s += fmt.Sprintf(" %x", bytesOf(t.Info))
			for _, status := range t.Statuses {
				s += fmt.Sprintf("/%x", bytesOf(status))
			}
		}
		out = append(out, s)
	}
	return out
}

func TestHistoryComesInTheOrderOfItsEnds(t *testing.T) {
	for name, open := range implementations(t) {
		t.Run(name, func(t *testing.T) {
			a, b, c, d := over("a", 30, "t1", "t2"), over("b", 10, "t3"), over("c", 20), over("d", 20)
			s, end := open()
			durable(s, PutCompleted(a), PutCompleted(b), PutCompleted(c), PutCompleted(d), DeleteCompleted("f", "c"), DeleteCompleted("f", "none"))
			end()
			s, end = open()
			defer end()
			if got, want := words(s.Load().Completed), words([]Completed{b, d, a}); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// A file of a program that kept no history is used as it is.
func TestFileWithoutHistory(t *testing.T) {
	dir := filled(t)
	rewrite(t, dir, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(completed)) })
	if _, err := Check(dir); err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		s, err := Open(dir, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(s.Load().Completed); got != n {
			t.Errorf("got %d executors in the history, want %d", got, n)
		}
		durable(s, PutCompleted(over("a", 1)))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
