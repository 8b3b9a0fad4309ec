package simtest

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"testing/synctest"
	"time"
)

// stage lets one actor, or one message on the network, after the other have a turn. Before each turn it waits until all
// other goroutines of the test rest; then it draws who is next from all that wait. So a run depends on nothing but the
// seed, whatever the machine does.
type stage struct {
	seed uint64
	draw *rand.Rand // on the stage's goroutine only

	mu      sync.Mutex
	entered uint64     // how many places were given
	waiting []*place   // who asks for a turn, by number
	alarms  alarms     // what is due later
	set     uint64     // how many alarms were set
	rests   []chan any // closed when nothing waits
	closed  bool
	turns   int // at this instant
	instant time.Time
	count   uint64        // all turns and alarms so far
	stops   uint64        // the turn after which halted is closed
	halted  chan struct{} // nil if nobody waits for that

	handing bool   // the first who asks is next
	heir    *place // has its turn right after the present one
	after   func() // called after each turn; may be nil

	timer  *time.Timer // ends its sleep
	asleep bool        // until then nothing is to be done
	done   chan struct{}
}

// mostTurns bounds what may happen in no time, so that a run without end is told.
const mostTurns = 1 << 20

// beside marks the numbers of those that are no actors.
const beside = 1 << 63

// place is one actor or one direction between two programs.
type place struct {
	number uint64
	turn   func()
	actor  bool
}

// newStage starts a stage; it belongs to the synctest bubble of the caller, who closes it.
func newStage(seed uint64) *stage {
	s := &stage{seed: seed, draw: rand.New(rand.NewPCG(seed, 0)), timer: time.NewTimer(time.Hour), done: make(chan struct{})}
	go s.run()
	return s
}

// Enter implements actors.Stage. It is called in a fixed order, since turns are.
func (s *stage) Enter(turn func()) (ready func(), random rand.Source) {
	p := s.enter(turn)
	p.actor = true
	return func() { s.ask(p) }, rand.NewPCG(s.seed, p.number)
}

// Lane implements memnet.Stage.
func (s *stage) Lane(turn func()) (ready func()) {
	p := s.enter(turn)
	return func() { s.ask(p) }
}

func (s *stage) enter(turn func()) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entered++
	return &place{number: s.entered, turn: turn}
}

func (s *stage) ask(p *place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handing && s.heir == nil && p.actor { // who asks beside the turn may be early or late
		s.handing, s.heir = false, p
		return
	}
	i, _ := slices.BinarySearchFunc(s.waiting, p.number, func(w *place, n uint64) int { return cmp.Compare(w.number, n) })
	s.waiting = slices.Insert(s.waiting, i, p)
	s.rouse()
}

// Handle implements memnet.Stage: a message and what its receiver does with it are one turn, as a time that has come is.
func (s *stage) Handle(f func()) {
	s.mu.Lock()
	s.handing = true
	s.mu.Unlock()
	f()
	s.mu.Lock()
	s.handing = false
	s.mu.Unlock()
}

// inherit runs the turn that follows the present one at once, and the one that follows that.
func (s *stage) inherit() {
	for {
		s.mu.Lock()
		p := s.heir
		s.handing, s.heir = false, nil
		s.mu.Unlock()
		if p == nil {
			return
		}
		p.turn()
	}
}

// After implements actors.Stage and memnet.Stage.
func (s *stage) After(d time.Duration, f func()) interface{ Stop() bool } {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set++
	a := &alarm{s, f}
	s.alarms.push(due{time.Now().Add(max(d, 0)).UnixNano(), s.set, a})
	s.rouse()
	return a
}

// do has f run as a turn and returns when it has: how goroutines beside the actors, of which several may be under way,
// come one after the other. Those with different keys have a fixed order.
func (s *stage) do(key string, f func()) { s.doUntil(context.Background(), key, f) }

// doUntil is do, but when ctx ends before f has begun it never runs.
func (s *stage) doUntil(ctx context.Context, key string, f func()) {
	if s == nil {
		f()
		return
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	done := make(chan any)
	s.ask(&place{number: h.Sum64() | beside, turn: func() {
		if ctx.Err() == nil {
			f()
		}
		close(done)
	}})
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// rouse tells the stage's goroutine that there is something to do. s.mu is held.
func (s *stage) rouse() {
	if s.asleep {
		s.asleep = false
		s.timer.Reset(0)
	}
}

// haltAfter gives a channel that is closed after n more turns: who waits for it goes on between two of them. A new one
// replaces it.
func (s *stage) haltAfter(n int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.halted, s.stops = make(chan struct{}), s.count+uint64(n)
	return s.halted
}

// watch has f called after each turn, on the stage's goroutine. It is set before there are turns.
func (s *stage) watch(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = f
}

// settle returns when nothing more happens at this instant of virtual time.
func (s *stage) settle() {
	if s == nil {
		synctest.Wait()
		return
	}
	rest := make(chan any)
	s.mu.Lock()
	s.rests = append(s.rests, rest)
	s.rouse()
	s.mu.Unlock()
	<-rest
}

// close ends the stage: nobody has a turn any more.
func (s *stage) close() {
	s.mu.Lock()
	s.closed = true
	s.rouse()
	s.mu.Unlock()
	<-s.done
}

func (s *stage) run() {
	defer close(s.done)
	defer s.timer.Stop()
	for {
		s.sleep()
		synctest.Wait()
		f, over := s.next()
		switch {
		case over:
			return
		case f != nil:
			f()
			s.inherit()
			if s.after != nil {
				s.after()
			}
		}
	}
}

// sleep returns when something is to be done, by what is known now. Time goes on only when all other goroutines rest, too:
// those that do not yet rouse the stage if they have something for it.
func (s *stage) sleep() {
	s.mu.Lock()
	now := time.Now().UnixNano()
	s.asleep = !s.closed && !s.halts() && len(s.waiting)+len(s.rests) == 0 && !s.alarmed(now)
	if !s.asleep {
		s.mu.Unlock()
		return
	}
	if len(s.alarms) > 0 {
		s.timer.Reset(time.Duration(s.alarms[0].at - now))
	} else {
		s.timer.Stop()
	}
	s.mu.Unlock()
	<-s.timer.C
}

// halts says that somebody is to go on between the turns now. s.mu is held.
func (s *stage) halts() bool { return s.halted != nil && s.count >= s.stops }

// alarmed says that an alarm is due, the first. s.mu is held.
func (s *stage) alarmed(now int64) bool {
	for len(s.alarms) > 0 && s.alarms[0].f == nil {
		s.alarms.pop()
	}
	return len(s.alarms) > 0 && s.alarms[0].at <= now
}

// next is what is to be done now, nil if nothing is.
func (s *stage) next() (f func(), over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, true
	}
	if halted := s.halted; s.halts() {
		s.halted = nil
		return func() { close(halted) }, false
	}
	now := time.Now()
	if s.alarmed(now.UnixNano()) {
		a := s.alarms.pop()
		f, a.f = a.f, nil
		s.count++
		s.handing = true
		return f, false
	}
	if n := len(s.waiting); n > 0 {
		i := s.draw.IntN(n)
		p := s.waiting[i]
		s.count++
		if s.turns++; !now.Equal(s.instant) {
			s.turns, s.instant = 0, now
		}
		if s.turns > mostTurns {
			panic(fmt.Sprintf("simtest: %d turns without time going on: somebody answers for ever", s.turns))
		}
		s.waiting = slices.Delete(s.waiting, i, i+1)
		return p.turn, false
	}
	if len(s.rests) > 0 {
		rest := s.rests[0]
		s.rests = s.rests[1:]
		return func() { close(rest) }, false
	}
	return nil, false
}
