package statusupdate

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

func update(task string, state v1.TaskState, uuid string) *internalpb.StatusUpdate {
	return &internalpb.StatusUpdate{
		FrameworkId: ids.Framework("f"), Timestamp: proto.Float64(1), Uuid: []byte(uuid),
		Status: &v1.TaskStatus{TaskId: ids.Task(task), State: state.Enum()},
	}
}

func TestOneUpdateAtATime(t *testing.T) {
	s, k := New(), Key{"f", "t"}
	first, err := s.Add(update("t", v1.TaskState_TASK_STARTING, "1"))
	if err != nil || string(first.GetUuid()) != "1" {
		t.Fatalf("Add(first) = %v, %v, want it sent", first, err)
	}
	if u, err := s.Add(update("t", v1.TaskState_TASK_FINISHED, "2")); u != nil || err != nil {
		t.Fatalf("Add(second) = %v, %v, want it queued", u, err)
	}
	if got := s.Head(k).GetLatestState(); got != v1.TaskState_TASK_FINISHED {
		t.Errorf("latest_state of the head = %v, want TASK_FINISHED", got)
	}
	if _, _, err := s.Acknowledge(k, []byte("2")); err == nil {
		t.Error("Acknowledge of an update that was not sent was accepted")
	}
	next, done, err := s.Acknowledge(k, []byte("1"))
	if err != nil || done || string(next.GetUuid()) != "2" {
		t.Fatalf("Acknowledge(1) = %v, %v, %v, want update 2 next", next, done, err)
	}
	if next, done, err := s.Acknowledge(k, []byte("2")); next != nil || !done || err != nil {
		t.Fatalf("Acknowledge(2) = %v, %v, %v, want the end of the stream", next, done, err)
	}
	if s.Len() != 0 {
		t.Errorf("Len = %d after the end of the only stream, want 0", s.Len())
	}
}

func TestRepeatedAndLateUpdates(t *testing.T) {
	s := New()
	must(t, s, update("t", v1.TaskState_TASK_RUNNING, "1"))
	if _, err := s.Add(update("t", v1.TaskState_TASK_RUNNING, "1")); !errors.Is(err, ErrDuplicate) {
		t.Errorf("Add of a repeated update = %v, want ErrDuplicate", err)
	}
	must(t, s, update("t", v1.TaskState_TASK_FAILED, "2"))
	if _, err := s.Add(update("t", v1.TaskState_TASK_FINISHED, "3")); err == nil || errors.Is(err, ErrDuplicate) {
		t.Errorf("Add after the terminal update = %v, want it refused", err)
	}
}

func must(t *testing.T, s *Streams, u *internalpb.StatusUpdate) {
	t.Helper()
	if _, err := s.Add(u); err != nil {
		t.Fatal(err)
	}
}

func TestBackoff(t *testing.T) {
	want := []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second, 320 * time.Second, 10 * time.Minute, 10 * time.Minute}
	for n, w := range want {
		if got := Backoff(n); got != w {
			t.Errorf("Backoff(%d) = %v, want %v", n, got, w)
		}
	}
	if got := Backoff(1000); got != MaxBackoff {
		t.Errorf("Backoff(1000) = %v, want %v", got, MaxBackoff)
	}
}

// Whatever the interleaving, acknowledged updates leave a stream in the order
// they came in, each once.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, k := New(), Key{"f", "t"}
		var in, out []string
		for n := range rapid.IntRange(1, 40).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "add") {
				id := fmt.Sprint(n)
				if _, err := s.Add(update("t", v1.TaskState_TASK_RUNNING, id)); err == nil {
					in = append(in, id)
				}
			} else if h := s.Head(k); h != nil {
				out = append(out, string(h.GetUuid()))
				if _, _, err := s.Acknowledge(k, h.GetUuid()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i := range out {
			if out[i] != in[i] {
				t.Fatalf("acknowledged %v of %v", out, in)
			}
		}
	})
}
