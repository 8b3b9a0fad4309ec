package fault

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
)

// watch is an expectation that is not met yet.
type watch struct {
	match func(e actors.Envelope) bool
	met   chan actors.Envelope // holds one
}

// Expectation is a message that a test waits for.
type Expectation[M proto.Message] struct {
	f *Faults
	w *watch
}

// Expect waits for the next message of type M for which match holds; nil match: for any. Only messages that are sent
// after Expect count, whatever the rules do to them.
func Expect[M proto.Message](f *Faults, match func(from, to actors.UPID, m M) bool) *Expectation[M] {
	w := &watch{met: make(chan actors.Envelope, 1)}
	w.match = func(e actors.Envelope) bool {
		m, ok := e.Message.(M)
		return ok && (match == nil || match(e.From, e.To, m))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.expect = append(f.expect, w)
	return &Expectation[M]{f, w}
}

// Await returns the message and who sent it to whom, or an error that names what did not come before ctx was over.
// The message is a copy.
func (x *Expectation[M]) Await(ctx context.Context) (m M, from, to actors.UPID, err error) {
	select {
	case e := <-x.w.met:
		return e.Message.(M), e.From, e.To, nil
	case <-ctx.Done():
		return m, from, to, fmt.Errorf("wait for a %s: %w", reflect.TypeFor[M](), ctx.Err())
	}
}

// Met says, without waiting, that the message came and was not taken by Await.
func (x *Expectation[M]) Met() bool { return len(x.w.met) > 0 }

// DropNext loses the next n messages of type M for which match holds; nil match: any. stop ends that.
func DropNext[M proto.Message](f *Faults, n int, match func(from, to actors.UPID, m M) bool) (stop func()) {
	var zero M
	name := string(zero.ProtoReflect().Descriptor().FullName())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	id := f.last
	a := &active{id: id, rule: Rule{Action: Drop, Message: name, Count: n}}
	if match != nil {
		a.only = func(e actors.Envelope) bool {
			m, ok := e.Message.(M)
			return ok && match(e.From, e.To, m)
		}
	}
	f.rules = append(f.rules, a)
	return func() { f.Remove(id) }
}

// meet tells expectations of a message. f.mu is held.
func (f *Faults) meet(e actors.Envelope) {
	f.expect = slices.DeleteFunc(f.expect, func(w *watch) bool {
		if !w.match(e) {
			return false
		}
		e := e
		e.Message = proto.Clone(e.Message)
		w.met <- e
		return true
	})
}
