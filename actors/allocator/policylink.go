package allocator

import (
	"time"

	"mesos/actors"
	"mesos/messages/linkpb"
)

const (
	// policyPatience is how long an external policy may take for a ranking before
	// the hierarchical policy takes over.
	policyPatience = time.Second
	// policyRetry is how long after that, or after its session ended, it is told
	// everything anew.
	policyRetry = time.Second
)

// policyLink is the actor that talks with an external policy for the allocator's.
// Its own state is only the conversation; what is told and what to make of the
// answers is [external]'s, which lives on the allocator's actor.
type policyLink struct {
	to    actors.UPID
	alloc *Actor
	x     *external // touched on the allocator's actor only

	p      *actors.Process
	cancel func() // of the timer that runs
}

// Init is called by the runtime.
func (l *policyLink) Init(p *actors.Process) {
	l.p, l.cancel = p, func() {}
	actors.Install(p, l.ranking)
	p.OnExited(func(string) { l.lost(policyRetry) })
	p.OnStop(func() { l.cancel() })
	l.tellAll()
}

// tellAll starts the conversation anew.
func (l *policyLink) tellAll() {
	l.p.Link(l.to)
	l.alloc.run(func() { l.post(l.x.restart()) })
}

// post is called on the allocator's actor, with what to tell.
func (l *policyLink) post(m *linkpb.PolicyChangesMessage) {
	if m == nil {
		return
	}
	l.p.Dispatch(func() {
		l.p.Send(l.to, m)
		l.cancel()
		l.cancel = l.p.Delay(policyPatience, func() { l.lost(policyRetry) })
	})
}

func (l *policyLink) ranking(from actors.UPID, m *linkpb.PolicyRankingMessage) {
	if from != l.to {
		return
	}
	l.alloc.run(func() {
		if l.x.follow(m) {
			l.p.Dispatch(func() { l.cancel() })
			l.post(l.x.next())
		}
	})
}

// lost does without the policy, and tries again later.
func (l *policyLink) lost(after time.Duration) {
	l.alloc.run(l.x.distrust)
	l.cancel()
	l.cancel = l.p.Delay(after, l.tellAll)
}
