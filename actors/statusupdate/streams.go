// Package statusupdate keeps the order of status updates: one stream for each
// task, whose head is with the scheduler until it is acknowledged.
//
// It is pure. The agent calls it, sends what it returns, and repeats a head
// that is not acknowledged by the intervals of [Backoff].
//
// A stream begins with a task's first update and ends when its terminal update
// is acknowledged. Updates that repeat one already seen are recognised by their
// uuid, so an executor may send them as often as it likes.
package statusupdate

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	"mesos/messages/states"
)

// MinBackoff and MaxBackoff bound the time until an unacknowledged update is sent again.
const (
	MinBackoff = 10 * time.Second
	MaxBackoff = 10 * time.Minute
)

// Backoff is the time to wait after the n-th sending of an update (from 0).
func Backoff(n int) time.Duration {
	if n > 6 { // 10 s · 2^6 is over 10 min
		return MaxBackoff
	}
	return min(MinBackoff<<n, MaxBackoff)
}

// ErrDuplicate says that an update was seen before; nothing has to be done but acknowledge it to its sender.
var ErrDuplicate = errors.New("status update was received before")

// Key names a stream.
type Key struct{ FrameworkID, TaskID string }

// Streams is the set of streams of one agent.
type Streams struct{ m map[Key]*stream }

type stream struct {
	pending  []*internalpb.StatusUpdate // the head is with the scheduler
	seen     map[string]struct{}
	terminal bool // a terminal update was received
}

// New returns an empty set.
func New() *Streams { return &Streams{m: map[Key]*stream{}} }

func keyOf(u *internalpb.StatusUpdate) Key {
	return Key{u.GetFrameworkId().GetValue(), u.GetStatus().GetTaskId().GetValue()}
}

// Add takes an update. It returns the update to send now, or nil if another of
// the task is still with the scheduler.
func (s *Streams) Add(u *internalpb.StatusUpdate) (send *internalpb.StatusUpdate, err error) {
	k := keyOf(u)
	st := s.m[k]
	if st == nil {
		st = &stream{seen: map[string]struct{}{}}
		s.m[k] = st
	}
	id := string(u.GetUuid())
	if _, dup := st.seen[id]; dup {
		return nil, ErrDuplicate
	}
	if st.terminal {
		return nil, fmt.Errorf("status update %s of task %s: the task is over", u.GetStatus().GetState(), k.TaskID)
	}
	st.seen[id] = struct{}{}
	st.terminal = states.Terminal(u.GetStatus().GetState())
	st.pending = append(st.pending, u)
	if len(st.pending) > 1 {
		return nil, nil
	}
	return st.head(), nil
}

// Acknowledge removes the head of a stream if uuid is its, and returns the next
// update to send, if any. done says that the stream is over: the terminal
// update was acknowledged. An acknowledgement of anything but the head is an
// error; late repetitions of one are expected.
func (s *Streams) Acknowledge(k Key, uuid []byte) (next *internalpb.StatusUpdate, done bool, err error) {
	st := s.m[k]
	if st == nil || len(st.pending) == 0 {
		return nil, false, fmt.Errorf("acknowledgement for task %s: no update waits for one", k.TaskID)
	}
	head := st.pending[0]
	if string(head.GetUuid()) != string(uuid) {
		return nil, false, fmt.Errorf("acknowledgement for task %s: uuid %x is not that of the update sent, %x", k.TaskID, uuid, head.GetUuid())
	}
	st.pending = st.pending[1:]
	if states.Terminal(head.GetStatus().GetState()) {
		delete(s.m, k)
		return nil, true, nil
	}
	if len(st.pending) == 0 {
		return nil, false, nil
	}
	return st.head(), false, nil
}

// Head returns the update of a stream that is with the scheduler, nil if none.
func (s *Streams) Head(k Key) *internalpb.StatusUpdate {
	st := s.m[k]
	if st == nil || len(st.pending) == 0 {
		return nil
	}
	return st.head()
}

// Heads returns every update that waits for an acknowledgement, to be sent
// again after the agent registered anew.
func (s *Streams) Heads() []*internalpb.StatusUpdate {
	var out []*internalpb.StatusUpdate
	for _, st := range s.m {
		if len(st.pending) > 0 {
			out = append(out, st.head())
		}
	}
	return out
}

// Waits says that a stream still has an update that nobody acknowledged.
func (s *Streams) Waits(k Key) bool { return s.Head(k) != nil }

// Len is the number of streams.
func (s *Streams) Len() int { return len(s.m) }

// head is the first pending update with the newest state the agent knows, so
// that the master can free the resources of an ended task early.
func (st *stream) head() *internalpb.StatusUpdate {
	last := st.pending[len(st.pending)-1].GetStatus().GetState()
	if st.pending[0].GetLatestState() == last && st.pending[0].LatestState != nil {
		return st.pending[0]
	}
	u := proto.CloneOf(st.pending[0])
	u.LatestState = last.Enum()
	st.pending[0] = u
	return u
}
