// Package statusupdate keeps the order of status updates: one stream for each
// task, whose head is with the scheduler until it is acknowledged.
//
// It is pure. The agent calls it, makes durable what it is about to act on,
// sends what it returns, and repeats a head that is not acknowledged by the
// intervals of [Backoff]. What comes from outside therefore takes two steps:
//
//	Accept, then when the update is durable Add
//	Acknowledge, then when the acknowledgement is durable Acknowledged
//
// A stream begins with a task's first update and ends when its terminal update
// is acknowledged. Updates that repeat one already seen are recognised by their
// uuid, so an executor may send them as often as it likes.
package statusupdate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
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

func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(k.FrameworkID, o.FrameworkID), cmp.Compare(k.TaskID, o.TaskID))
}

// Streams is the set of streams of one agent.
type Streams struct {
	m    map[Key]*stream
	next uint64 // number of the next update
}

type stream struct {
	pending  []numbered          // the head is with the scheduler
	last     *numbered           // newest that is acknowledged
	seen     map[string]struct{} // uuids of the newest updates
	order    []string            // of seen, oldest first
	numbers  []uint64            // of all that is kept of the stream
	terminal bool                // a terminal update was received
	acking   bool                // the head is acknowledged, and that is about to be durable
}

type numbered struct {
	number uint64
	u      *internalpb.StatusUpdate
}

// New returns an empty set.
func New() *Streams { return &Streams{m: map[Key]*stream{}, next: 1} }

// KeyOf names the stream of an update.
func KeyOf(u *internalpb.StatusUpdate) Key {
	return Key{u.GetFrameworkId().GetValue(), u.GetStatus().GetTaskId().GetValue()}
}

func (s *Streams) stream(k Key) *stream {
	st := s.m[k]
	if st == nil {
		st = &stream{seen: map[string]struct{}{}}
		s.m[k] = st
	}
	return st
}

// Accept takes note of an update and gives it a number, higher than that of
// all before. It is in its stream only after Add.
func (s *Streams) Accept(u *internalpb.StatusUpdate) (number uint64, err error) {
	k := KeyOf(u)
	st := s.stream(k)
	if _, dup := st.seen[string(u.GetUuid())]; dup {
		return 0, ErrDuplicate
	}
	if st.terminal {
		return 0, fmt.Errorf("status update %s of task %s: the task is over", u.GetStatus().GetState(), k.TaskID)
	}
	number = s.next
	s.next++
	st.note(number, u)
	return number, nil
}

// maxSeen bounds the uuids that are remembered of one task: an executor repeats
// only what it has sent lately, but a check may report for years.
const maxSeen = 256

func (st *stream) remember(uuid string) {
	st.seen[uuid] = struct{}{}
	st.order = append(st.order, uuid)
	if len(st.order) > maxSeen {
		delete(st.seen, st.order[0])
		st.order = append(make([]string, 0, maxSeen+1), st.order[1:]...)
	}
}

func (st *stream) note(number uint64, u *internalpb.StatusUpdate) {
	st.remember(string(u.GetUuid()))
	st.numbers = append(st.numbers, number)
	st.terminal = st.terminal || states.Terminal(u.GetStatus().GetState())
}

// Add puts an accepted update into its stream. It returns the update to send
// now, or nil if another of the task is still with the scheduler.
func (s *Streams) Add(number uint64, u *internalpb.StatusUpdate) (send *internalpb.StatusUpdate) {
	st := s.stream(KeyOf(u))
	st.pending = append(st.pending, numbered{number, u})
	if len(st.pending) > 1 {
		return nil
	}
	return st.head()
}

// Restore puts back an update of an earlier run; updates come in the order of
// their numbers.
func (s *Streams) Restore(number uint64, acknowledged bool, u *internalpb.StatusUpdate) {
	st := s.stream(KeyOf(u))
	st.note(number, u)
	s.next = max(s.next, number+1)
	if n := (numbered{number, u}); acknowledged {
		st.last = &n
	} else {
		st.pending = append(st.pending, n)
	}
}

// Ack is what an acknowledgement changes in what is kept.
type Ack struct {
	Number   uint64
	Update   *internalpb.StatusUpdate // the one that is acknowledged
	Before   uint64                   // 0, or the one acknowledged before it, whose state is history now:
	BeforeIt *internalpb.StatusUpdate
	Over     []uint64 // if the stream is over: all numbers of it; else nil
}

// Acknowledge checks that uuid is that of the head. The head stays where it is
// until Acknowledged, but is not sent any more. An acknowledgement of anything
// but the head is an error; late repetitions of one are expected.
func (s *Streams) Acknowledge(k Key, uuid []byte) (Ack, error) {
	st := s.m[k]
	if st == nil || len(st.pending) == 0 || st.acking {
		return Ack{}, fmt.Errorf("acknowledgement for task %s: no update waits for one", k.TaskID)
	}
	head := st.pending[0]
	if string(head.u.GetUuid()) != string(uuid) {
		return Ack{}, fmt.Errorf("acknowledgement for task %s: uuid %x is not that of the update sent, %x", k.TaskID, uuid, head.u.GetUuid())
	}
	st.acking = true
	ack := Ack{Number: head.number, Update: head.u}
	switch {
	case states.Terminal(head.u.GetStatus().GetState()):
		ack.Over = st.numbers
	case st.last != nil:
		ack.Before, ack.BeforeIt = st.last.number, st.last.u
	}
	return ack, nil
}

// Acknowledged removes the head that Acknowledge was called for, and returns
// the next update to send, if any. done says that the stream is over: the
// terminal update was acknowledged.
func (s *Streams) Acknowledged(k Key) (next *internalpb.StatusUpdate, done bool) {
	st := s.m[k]
	head := st.pending[0]
	st.pending, st.last, st.acking = st.pending[1:], &head, false
	if states.Terminal(head.u.GetStatus().GetState()) {
		delete(s.m, k)
		return nil, true
	}
	if len(st.pending) == 0 {
		return nil, false
	}
	return st.head(), false
}

// Head returns the update of a stream that is with the scheduler, nil if none.
func (s *Streams) Head(k Key) *internalpb.StatusUpdate {
	st := s.m[k]
	if st == nil || len(st.pending) == 0 || st.acking {
		return nil
	}
	return st.head()
}

// Heads returns every update that waits for an acknowledgement, to be sent
// again after the agent registered anew.
func (s *Streams) Heads() []*internalpb.StatusUpdate {
	var out []*internalpb.StatusUpdate
	for _, k := range slices.SortedFunc(maps.Keys(s.m), Key.compare) {
		if u := s.Head(k); u != nil {
			out = append(out, u)
		}
	}
	return out
}

// Len is the number of streams.
func (s *Streams) Len() int { return len(s.m) }

// head is the first pending update with the newest state the agent knows, so
// that the master can free the resources of an ended task early.
func (st *stream) head() *internalpb.StatusUpdate {
	u, latest := st.pending[0].u, st.pending[len(st.pending)-1].u.GetStatus().GetState()
	if u.LatestState != nil && u.GetLatestState() == latest {
		return u
	}
	u = proto.CloneOf(u)
	u.LatestState = latest.Enum()
	st.pending[0].u = u
	return u
}
