package memnet

import (
	"time"

	"mesos/actors/link"
)

// Stage decides when messages arrive, in place of the Go scheduler; see actors.Stage.
type Stage interface {
	// Lane is called once for each direction between two programs. ready asks for one call of turn.
	Lane(turn func()) (ready func())
	After(d time.Duration, f func()) (timer interface{ Stop() bool })
	// Handle runs f, which delivers a message: the first turn that is asked for meanwhile, that of the actor that gets
	// it, comes right after the present one.
	Handle(f func())
}

// SetStage lets s deliver, one message at a time. It is set before there are nodes.
func (n *Net) SetStage(s Stage) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stage = s
}

// timer calls f, without n.mu, when d has passed. n.mu is held.
func (n *Net) timer(d time.Duration, f func()) interface{ Stop() bool } {
	if n.stage != nil {
		return n.stage.After(d, f)
	}
	return time.AfterFunc(d, f)
}

// start has l deliver, on a goroutine of its own or on the stage. n.mu is held.
func (l *lane) start() {
	switch {
	case l.net.stage == nil:
		go l.run()
	case l.turn == nil:
		l.turn = l.net.stage.Lane(l.step)
		l.turn()
	default:
		l.turn()
	}
}

// due delivers what a timer waited for; on a stage, whose alarms are turns, at once.
func (l *lane) due() {
	l.net.mu.Lock()
	l.timer = nil
	if l.net.stage == nil || l.running {
		l.pump()
		l.net.mu.Unlock()
		return
	}
	l.running = true
	l.net.mu.Unlock()
	l.step()
}

// hand gives an item to its receiver.
func (l *lane) hand(it item, r link.Receiver) {
	if l.net.stage == nil {
		it.deliver(r, l.route.from)
		return
	}
	if l.handing == nil {
		l.handing = func() { l.handed.deliver(l.to, l.route.from) }
	}
	l.handed, l.to = it, r
	l.net.stage.Handle(l.handing)
	l.handed = item{}
}

// step delivers one item, if one is ready.
func (l *lane) step() {
	l.net.mu.Lock()
	defer l.net.mu.Unlock()
	if now, _ := l.ready(); now {
		l.deliverFirst()
	}
	l.running = false
	l.pump()
}
