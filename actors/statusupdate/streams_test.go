package statusupdate

import (
	"errors"
	"fmt"
	"slices"
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

// take is an update that is durable at once.
func take(s *Streams, u *internalpb.StatusUpdate) (send *internalpb.StatusUpdate, err error) {
	n, err := s.Accept(u)
	if err != nil {
		return nil, err
	}
	return s.Add(n, u), nil
}

// acknowledge is an acknowledgement that is durable at once.
func acknowledge(s *Streams, k Key, uuid string) (next *internalpb.StatusUpdate, done bool, err error) {
	if _, err := s.Acknowledge(k, []byte(uuid)); err != nil {
		return nil, false, err
	}
	next, done = s.Acknowledged(k)
	return next, done, nil
}

func TestOneUpdateAtATime(t *testing.T) {
	s, k := New(), Key{"f", "t"}
	first, err := take(s, update("t", v1.TaskState_TASK_STARTING, "1"))
	if err != nil || string(first.GetUuid()) != "1" {
		t.Fatalf("first update: %v, %v, want it sent", first, err)
	}
	if u, err := take(s, update("t", v1.TaskState_TASK_FINISHED, "2")); u != nil || err != nil {
		t.Fatalf("second update: %v, %v, want it queued", u, err)
	}
	if got := s.Head(k).GetLatestState(); got != v1.TaskState_TASK_FINISHED {
		t.Errorf("latest_state of the head = %v, want TASK_FINISHED", got)
	}
	if _, err := s.Acknowledge(k, []byte("2")); err == nil {
		t.Error("Acknowledge of an update that was not sent was accepted")
	}
	next, done, err := acknowledge(s, k, "1")
	if err != nil || done || string(next.GetUuid()) != "2" {
		t.Fatalf("Acknowledge(1) = %v, %v, %v, want update 2 next", next, done, err)
	}
	if next, done, err := acknowledge(s, k, "2"); next != nil || !done || err != nil {
		t.Fatalf("Acknowledge(2) = %v, %v, %v, want the end of the stream", next, done, err)
	}
	if s.Len() != 0 {
		t.Errorf("Len = %d after the end of the only stream, want 0", s.Len())
	}
}

func TestNothingIsSentBeforeItIsDurable(t *testing.T) {
	s, k := New(), Key{"f", "t"}
	one, two := update("t", v1.TaskState_TASK_STARTING, "1"), update("t", v1.TaskState_TASK_RUNNING, "2")
	n, err := s.Accept(one)
	if err != nil || len(s.Heads()) != 0 {
		t.Fatalf("after Accept: %v, heads %v, want none to send yet", err, s.Heads())
	}
	s.Add(n, one)
	if _, err := take(s, two); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Acknowledge(k, one.Uuid); err != nil {
		t.Fatal(err)
	}
	if s.Head(k) != nil || len(s.Heads()) != 0 {
		t.Errorf("head %v before the acknowledgement is durable, want none", s.Head(k))
	}
	if _, err := s.Acknowledge(k, one.Uuid); err == nil {
		t.Error("a second acknowledgement was accepted before the first is durable")
	}
	if next, _ := s.Acknowledged(k); string(next.GetUuid()) != "2" {
		t.Errorf("next = %v, want update 2", next)
	}
}

func TestRepeatedAndLateUpdates(t *testing.T) {
	s := New()
	must(t, s, update("t", v1.TaskState_TASK_RUNNING, "1"))
	if _, err := s.Accept(update("t", v1.TaskState_TASK_RUNNING, "1")); !errors.Is(err, ErrDuplicate) {
		t.Errorf("Accept of a repeated update = %v, want ErrDuplicate", err)
	}
	must(t, s, update("t", v1.TaskState_TASK_FAILED, "2"))
	if _, err := s.Accept(update("t", v1.TaskState_TASK_FINISHED, "3")); err == nil || errors.Is(err, ErrDuplicate) {
		t.Errorf("Accept after the terminal update = %v, want it refused", err)
	}
}

func must(t *testing.T, s *Streams, u *internalpb.StatusUpdate) {
	t.Helper()
	if _, err := take(s, u); err != nil {
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

// kept is what the agent keeps of a stream: the rows of its store.
type kept struct {
	rows []row
}

type row struct {
	number uint64
	acked  bool
	u      *internalpb.StatusUpdate
}

func (k *kept) acknowledge(a Ack) {
	if a.Over != nil {
		k.rows = nil
		return
	}
	for i := range k.rows {
		if k.rows[i].number == a.Number {
			k.rows[i].acked = true
		}
	}
}

func (k *kept) restore() *Streams {
	s := New()
	for _, r := range k.rows {
		s.Restore(r.number, r.acked, r.u)
	}
	return s
}

// Whatever the interleaving of updates, acknowledgements, repetitions and
// restarts of the agent, acknowledged updates leave a stream in the order they
// came in, each once.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, k, disk := New(), Key{"f", "t"}, &kept{}
		var in, out []string
		add := func(id string) {
			u := update("t", v1.TaskState_TASK_RUNNING, id)
			n, err := s.Accept(u)
			if err != nil {
				if !errors.Is(err, ErrDuplicate) || !slices.Contains(in, id) {
					t.Fatalf("update %s: %v", id, err)
				}
				return
			}
			in = append(in, id)
			disk.rows = append(disk.rows, row{n, false, u})
			s.Add(n, u)
		}
		for n := range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.SampledFrom([]string{"add", "add", "again", "ack", "ack", "restart"}).Draw(t, "step") {
			case "add":
				add(fmt.Sprint(n))
			case "again":
				if len(in) > 0 {
					add(rapid.SampledFrom(in).Draw(t, "repeated"))
				}
			case "ack":
				if h := s.Head(k); h != nil {
					ack, err := s.Acknowledge(k, h.GetUuid())
					if err != nil {
						t.Fatal(err)
					}
					if rapid.Bool().Draw(t, "crash before it is durable") {
						s = disk.restore()
						continue
					}
					out = append(out, string(h.GetUuid()))
					disk.acknowledge(ack)
					s.Acknowledged(k)
				}
			case "restart":
				s = disk.restore()
			}
		}
		if len(out) > len(in) || !slices.Equal(out, in[:len(out)]) {
			t.Fatalf("acknowledged %v of %v", out, in)
		}
	})
}

// A task that reports for ever is not remembered for ever.
func TestRememberedUpdatesAreBounded(t *testing.T) {
	s, k := New(), Key{"f", "t"}
	for n := range 10 * maxSeen {
		u := update("t", v1.TaskState_TASK_RUNNING, fmt.Sprint(n))
		number, err := s.Accept(u)
		if err != nil {
			t.Fatal(err)
		}
		s.Add(number, u)
		if _, err := s.Accept(u); !errors.Is(err, ErrDuplicate) {
			t.Fatalf("update %d repeated at once: %v, want ErrDuplicate", n, err)
		}
		if _, err := s.Acknowledge(k, u.GetUuid()); err != nil {
			t.Fatal(err)
		}
		s.Acknowledged(k)
	}
	if got := len(s.m[k].seen); got > maxSeen {
		t.Errorf("%d uuids are remembered, want at most %d", got, maxSeen)
	}
}
