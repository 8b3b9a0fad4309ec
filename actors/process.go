package actors

import (
	"math/rand/v2"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"
)

// Actor is what a program writes: state and handlers. Init runs on the actor before its first message; it installs the
// handlers and may send, link and delay.
type Actor interface{ Init(p *Process) }

// ActorFunc is an Actor that is only its Init.
type ActorFunc func(p *Process)

// Init calls f.
func (f ActorFunc) Init(p *Process) { f(p) }

// Process is the runtime's side of one actor. Send, Dispatch, Delay, Link, Stop, Done, Self and System may be called
// from any goroutine; the others only on the actor.
type Process struct {
	system  *System
	self    UPID
	actor   Actor
	mailbox *mailbox
	done    chan struct{}

	pid      atomic.Pointer[actor.PID] // known once the actor runs
	stopping atomic.Bool

	handlers  map[reflect.Type]func(from UPID, m any)
	onMessage func(from UPID, m proto.Message)
	onExited  func(addr string)
	onStop    []func()

	linked map[string]struct{} // guarded by system.links.mu

	random *rand.Rand
}

func newProcess(s *System, id string, a Actor) *Process {
	p := &Process{
		system:   s,
		self:     UPID{ID: id, Addr: s.addr},
		actor:    a,
		mailbox:  &mailbox{},
		done:     make(chan struct{}),
		handlers: map[reflect.Type]func(UPID, any){},
		linked:   map[string]struct{}{},
	}
	p.enter()
	return p
}

func (p *Process) start() error {
	pid, err := spawnOnHost(p.self.ID, p.mailbox, p.receive)
	if err == nil {
		p.pid.Store(pid) // for Stop from outside; Init may come before or after this
	}
	return err
}

// receive is called by protoactor for every item and life cycle event, one at a time.
func (p *Process) receive(c actor.Context) {
	switch m := c.Message().(type) {
	case *item:
		p.work(m)
	case *actor.Started:
		p.pid.Store(c.Self())
		p.actor.Init(p)
	case *actor.Stopping:
		for _, f := range p.onStop {
			f()
		}
	case *actor.Stopped:
		p.mailbox.close()
		p.system.forget(p)
		close(p.done)
	}
}

func (p *Process) work(it *item) {
	switch what := it.what.(type) {
	case func():
		what()
	case *delayed:
		what.run()
	case exited:
		if p.onExited != nil {
			p.onExited(string(what))
		}
	default:
		p.handle(it.from, what)
	}
}

func (p *Process) handle(from UPID, m any) {
	if h, ok := p.handlers[reflect.TypeOf(m)]; ok {
		h(from, m)
		return
	}
	if p.onMessage != nil {
		p.onMessage(from, m.(proto.Message))
		return
	}
	p.system.unhandled.Add(1)
}

// Install makes h the handler of messages of type *M; a second Install for the type replaces the first. The type is
// inferred: actors.Install(p, m.registerAgent). The message belongs to the handler.
func Install[M any, P interface {
	*M
	proto.Message
}](p *Process, h func(from UPID, m P)) {
	p.handlers[reflect.TypeFor[P]()] = func(from UPID, m any) { h(from, m.(P)) }
}

// OnMessage sets the handler of messages whose type has no Install. Without one they are counted and dropped.
func (p *Process) OnMessage(h func(from UPID, m proto.Message)) { p.onMessage = h }

// OnExited sets what is called, on the actor, when the session with a linked program at addr ends; see Link.
func (p *Process) OnExited(h func(addr string)) { p.onExited = h }

// OnStop adds a function to be run on the actor when it stops, in the order of adding. It may still send.
func (p *Process) OnStop(f func()) { p.onStop = append(p.onStop, f) }

// Self is the actor's own UPID.
func (p *Process) Self() UPID { return p.self }

// System is where the actor lives.
func (p *Process) System() *System { return p.system }

// Send sends m to another actor (or itself) and forgets about it. m stays the caller's, who may change it afterwards.
func (p *Process) Send(to UPID, m proto.Message) { p.system.Send(p.self, to, m) }

// Dispatch runs f on the actor, after all that was sent and dispatched to it before. After the actor has stopped f is
// dropped.
func (p *Process) Dispatch(f func()) { p.mailbox.post(item{what: f}) }

// Waiting is how much waits for the process: messages, and functions and ended sessions. Any goroutine may ask.
func (p *Process) Waiting() (messages, dispatches int) { return p.mailbox.waiting() }

// Delay runs f on the actor when d has passed. If cancel is called before that on the actor, f never runs; called
// elsewhere it may come too late. cancel may be called any number of times.
func (p *Process) Delay(d time.Duration, f func()) (cancel func()) {
	l := &delayed{process: p, f: f}
	l.timer = p.system.after(d, l.due)
	return l.cancel
}

// Link asks for one OnExited(to.Addr) when the session with the program at to.Addr ends, and makes a session if there
// is none. Until that OnExited further Links to the same address change nothing; after it Link must be called again. A
// link to an actor of the own System does nothing.
func (p *Process) Link(to UPID) {
	if to.Addr == p.system.addr || to.Addr == "" {
		return
	}
	if p.system.links.add(to.Addr, p) {
		p.system.network.Connect(to.Addr)
	}
}

// Stop ends the actor after what it is doing now; what waits in its mailbox is dropped. OnStop functions run, then Done
// is closed. Stop may be called any number of times.
func (p *Process) Stop() {
	if !p.stopping.Swap(true) { // a second one would be a dead letter of protoactor, which starts a goroutine
		host().Root.Stop(p.pid.Load())
	}
}

// Done is closed when the actor has stopped and nothing of it runs any more.
func (p *Process) Done() <-chan struct{} { return p.done }
