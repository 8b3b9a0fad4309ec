package authentication

import (
	"errors"

	"mesos/actors"
	"mesos/messages/internalpb"
)

// ErrNotKnown says that a master does not know a principal, or by another secret.
var ErrNotKnown = errors.New("the master does not know this principal, or by another secret")

// Login is the side of CRAM-MD5 that is asked: a process that authenticates with one master at a time. It is used on
// its actor only, which tries again what is lost.
type Login struct {
	p      *actors.Process
	as     *Credential // nil: there is none
	master func() actors.UPID
	passed func()
	failed func(err error)
	done   bool
}

// NewLogin has p answer the master that it asks. passed is called when that knows it, or says that it authenticates
// nobody; failed whenever it does not want to hear p: an error that wraps [ErrNotKnown] will be the same the next time.
func NewLogin(p *actors.Process, as *Credential, master func() actors.UPID, passed func(), failed func(error)) *Login {
	l := &Login{p: p, as: as, master: master, passed: passed, failed: failed}
	actors.Install(p, l.mechanisms)
	actors.Install(p, l.challenged)
	actors.Install(p, func(from actors.UPID, _ *internalpb.AuthenticationCompletedMessage) {
		if l.awaits(from) {
			l.done = true
			l.passed()
		}
	})
	actors.Install(p, func(from actors.UPID, _ *internalpb.AuthenticationFailedMessage) {
		if l.awaits(from) {
			l.failed(ErrNotKnown)
		}
	})
	actors.Install(p, func(from actors.UPID, m *internalpb.AuthenticationErrorMessage) {
		switch {
		case from != l.master():
		case l.Needed(): // a master that asks nobody: whoever comes is heard
			l.done = true
			l.passed()
		default:
			l.done = false
			l.failed(errors.New(m.GetError()))
		}
	})
	return l
}

// Needed says that the master does not know yet who this is, and should.
func (l *Login) Needed() bool { return l.as != nil && !l.done }

// Begin asks the master to be known.
func (l *Login) Begin() {
	pid := l.p.Self().String()
	l.p.Send(l.master(), &internalpb.AuthenticateMessage{Pid: &pid})
}

// Forget is called when the session with the master is over, or another leads.
func (l *Login) Forget() { l.done = false }

func (l *Login) awaits(from actors.UPID) bool { return l.Needed() && from == l.master() }

func (l *Login) mechanisms(from actors.UPID, _ *internalpb.AuthenticationMechanismsMessage) {
	if l.awaits(from) { // a master that does not have this one says so
		mechanism := Mechanism
		l.p.Send(from, &internalpb.AuthenticationStartMessage{Mechanism: &mechanism})
	}
}

func (l *Login) challenged(from actors.UPID, m *internalpb.AuthenticationStepMessage) {
	if l.awaits(from) {
		l.p.Send(from, &internalpb.AuthenticationStepMessage{Data: l.as.respond(m.GetData())})
	}
}
