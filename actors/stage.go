package actors

import (
	"math/rand/v2"
	"time"
)

// Stage decides when the actors of a System run, in place of the Go scheduler: simtest's lets one after the other have
// a turn, in an order that a seed gives, so that a run can be repeated exactly. Programs have none.
type Stage interface {
	// Enter is called once for each new actor. ready asks for one call of turn, which does one thing that waits; it is
	// not called again before that turn runs. random is the source of the actor's random choices.
	Enter(turn func()) (ready func(), random rand.Source)
	// After calls f on the stage when d has passed, unless the timer is stopped before. The turn that an actor asks for
	// meanwhile comes right after the present one.
	After(d time.Duration, f func()) (timer interface{ Stop() bool })
}

// WithStage lets s run the System's actors.
func WithStage(s Stage) Option { return func(sys *System) { sys.stage = s } }

// enter puts a new actor on the stage of its System, if that has one.
func (p *Process) enter() {
	if p.system.stage == nil {
		p.random = rand.New(everybodys{})
		return
	}
	ready, random := p.system.stage.Enter(p.mailbox.turn)
	p.mailbox.ready, p.random = ready, rand.New(random)
}

// after runs f, which must not block, when d has passed.
func (s *System) after(d time.Duration, f func()) (timer interface{ Stop() bool }) {
	if s.stage != nil {
		return s.stage.After(d, f)
	}
	return time.AfterFunc(d, f)
}

// turn runs one thing that waited when it began, and asks for the next turn if more waits.
func (m *mailbox) turn() {
	m.mu.Lock()
	switch {
	case m.closed:
		m.mu.Unlock()
		return
	case len(m.system) > 0:
		msg := m.system[0]
		m.system = m.system[1:]
		m.mu.Unlock()
		m.invoker.InvokeSystemMessage(msg)
	case len(m.queue) > 0:
		m.current, m.queue[0] = m.queue[0], item{}
		if len(m.queue) == 1 {
			m.queue = m.queue[:0] // keeps its place: mostly one thing waits at a time
		} else {
			m.queue = m.queue[1:]
		}
		m.mu.Unlock()
		m.invoker.InvokeUserMessage(&m.current)
		m.current = item{}
	default:
		m.mu.Unlock()
	}
	m.mu.Lock()
	m.running = !m.closed && len(m.queue)+len(m.system) > 0
	again := m.running
	m.mu.Unlock()
	if again {
		m.ready()
	}
}
