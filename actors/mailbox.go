package actors

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"
)

// item is one thing for an actor to do, kept by value in the mailbox, so that queueing makes no garbage.
type item struct {
	from UPID // of a message
	what any  // proto.Message, func(), *delayed or exited
}

// exited is the news that the session with this address, to which the actor linked, is over.
type exited string

// mailbox is an unbounded queue in front of one actor, run by protoactor's dispatcher: while it holds something one
// goroutine drains it, and an idle actor has none. Unlike protoactor's own it lets a panic through, so that the program
// ends with the stack of the fault.
type mailbox struct {
	mu      sync.Mutex
	system  []any  // life cycle messages of protoactor; they go first
	queue   []item // waiting
	spare   []item // empty, for the next swap
	running bool
	closed  bool
	urgent  atomic.Bool // system holds something, or closed is set

	current    item // what the actor works on; the actor gets a pointer to it
	invoker    actor.MessageInvoker
	dispatcher actor.Dispatcher
	drainFunc  func() // m.drain, made once
	ready      func() // asks a Stage for a turn; nil without one
}

const (
	keepItems = 1024 // bounds the capacity that an emptied queue keeps
	fairShare = 256  // items after which a busy actor lets others have the processor
)

// post queues it; after close it is dropped.
func (m *mailbox) post(it item) {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return
	}
	m.queue = append(m.queue, it)
	m.wakeAndUnlock()
}

// wakeAndUnlock starts a drain if there is none.
func (m *mailbox) wakeAndUnlock() {
	start := !m.running
	m.running = true
	m.mu.Unlock()
	switch {
	case !start:
	case m.ready != nil:
		m.ready()
	default:
		m.dispatcher.Schedule(m.drainFunc)
	}
}

// drain runs until nothing waits. Only one drain runs at a time.
func (m *mailbox) drain() {
	ran := 0
	for batch := m.take(nil); batch != nil; batch = m.take(batch) {
		for i := range batch {
			if m.urgent.Load() && !m.runSystem() {
				return
			}
			m.current, batch[i] = batch[i], item{}
			m.invoker.InvokeUserMessage(&m.current)
			if ran++; ran%fairShare == 0 {
				runtime.Gosched()
			}
		}
		m.current = item{}
	}
}

// take gives back an emptied batch and returns the next; nil when nothing waits, or nothing may run any more.
func (m *mailbox) take(used []item) []item {
	for {
		if m.urgent.Load() && !m.runSystem() {
			return nil
		}
		m.mu.Lock()
		if len(m.system) > 0 {
			m.mu.Unlock()
			continue
		}
		if cap(used) > 0 && cap(used) <= keepItems {
			m.spare = used[:0]
		}
		if len(m.queue) == 0 {
			m.running = false
			m.mu.Unlock()
			return nil
		}
		batch := m.queue
		m.queue, m.spare = m.spare, nil
		m.mu.Unlock()
		return batch
	}
}

// runSystem runs waiting life cycle messages; false once the mailbox is closed: then nothing runs any more.
func (m *mailbox) runSystem() bool {
	for {
		m.mu.Lock()
		if m.closed || len(m.system) == 0 {
			m.urgent.Store(m.closed)
			open := !m.closed
			m.mu.Unlock()
			return open
		}
		msg := m.system[0]
		m.system = m.system[1:]
		m.mu.Unlock()
		m.invoker.InvokeSystemMessage(msg)
	}
}

// close drops what waits and everything that comes. Called on the actor, when it has stopped.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.urgent.Store(true)
	m.queue, m.spare, m.system = nil, nil, nil
}

// What follows is protoactor's Mailbox.

// PostUserMessage is not used: messages come by post.
func (m *mailbox) PostUserMessage(message any) { m.post(item{what: message}) }

// PostSystemMessage queues a life cycle message of protoactor.
func (m *mailbox) PostSystemMessage(message any) {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return
	}
	m.system = append(m.system, message)
	m.urgent.Store(true)
	m.wakeAndUnlock()
}

// RegisterHandlers is called once by protoactor, before anything is run.
func (m *mailbox) RegisterHandlers(invoker actor.MessageInvoker, dispatcher actor.Dispatcher) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.invoker, m.dispatcher, m.drainFunc = invoker, dispatcher, m.drain
}

// Start has nothing to do: the first post wakes the mailbox.
func (m *mailbox) Start() {}

// waiting counts what waits by kind.
func (m *mailbox) waiting() (messages, dispatches int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.queue {
		if _, ok := m.queue[i].what.(proto.Message); ok {
			messages++
		} else {
			dispatches++
		}
	}
	return messages, dispatches
}

// UserMessageCount is how many items wait.
func (m *mailbox) UserMessageCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue)
}
