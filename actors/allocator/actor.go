package allocator

import (
	"sync"
	"sync/atomic"
	"time"

	"mesos/actors"
	"mesos/messages/resources"
)

// Actor runs a [Core]. Its methods return at once and may be called from any
// goroutine, also before it is spawned; they take effect in the order of the
// calls. They are those of Core, which documents them. After whatever is
// waiting it allocates once; when a filter ends it allocates by itself.
//
// It receives and sends no messages: its only partner is the master in the same
// program, which calls the methods and is called back with the offers. Where the
// policy is a program of its own, an actor named after it with "-policy" talks
// with that one; see [NewRanker] for the messages.
type Actor struct {
	core   *Core
	offers func([]Offer)
	// inverse takes inverse offers; nil if nobody does.
	inverse func([]InverseOffer)

	link *policyLink // to a policy in another program, else nil

	mu    sync.Mutex // guards p and early: callers need not wait for Init
	p     *actors.Process
	early []func()

	onPass func(took, waited time.Duration) // nil if nobody wants to know
	queued atomic.Int64                     // calls that wait

	// On the actor only.
	passQueued bool
	asked      time.Time // when the pass that waits was asked for
	wakeAt     time.Time
	cancelWake func()
}

// NewActor makes an actor that owns core. offers is called on the actor with
// what is offered, never with nothing; it must not block.
func NewActor(core *Core, offers func([]Offer)) *Actor {
	a := &Actor{core: core, offers: offers}
	if x, ok := core.policy.(*external); ok {
		a.link = &policyLink{to: x.at, alloc: a, x: x}
	}
	return a
}

// Init is called by the runtime.
func (a *Actor) Init(p *actors.Process) {
	p.OnStop(a.dropWake)
	if a.link != nil {
		if _, err := p.System().Spawn(p.Self().ID+"-policy", a.link); err != nil {
			panic("allocator: " + err.Error()) // ours is the only one of that name
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.p = p
	for _, f := range a.early {
		p.Dispatch(f)
	}
	a.early = nil
}

// run has f run on the actor.
func (a *Actor) run(call func()) {
	f := func() {
		a.queued.Add(-1)
		call()
	}
	a.queued.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.p == nil {
		a.early = append(a.early, f)
		return
	}
	a.p.Dispatch(f)
}

// event has f change the core, and a pass follow behind all that waits now.
func (a *Actor) event(f func(c *Core)) {
	a.run(func() {
		f(a.core)
		if !a.passQueued {
			a.passQueued, a.asked = true, time.Now()
			a.run(a.pass)
		}
	})
}

func (a *Actor) pass() {
	a.passQueued = false
	began := time.Now()
	offers := a.core.Allocate(began)
	if a.onPass != nil {
		var waited time.Duration
		if !a.asked.IsZero() {
			waited = began.Sub(a.asked)
		}
		a.onPass(time.Since(began), waited)
	}
	a.asked = time.Time{}
	if len(offers) > 0 {
		a.offers(offers)
	}
	if a.inverse != nil {
		if inverse := a.core.InverseOffers(time.Now()); len(inverse) > 0 {
			a.inverse(inverse)
		}
	}
	if a.link != nil {
		a.link.post(a.link.x.next())
	}
	a.setWake()
}

// setWake has the next pass come when the core can do more.
func (a *Actor) setWake() {
	at, ok := a.core.NextDeadline()
	if !ok {
		a.dropWake()
		return
	}
	if a.cancelWake != nil && at.Equal(a.wakeAt) {
		return
	}
	a.dropWake()
	a.wakeAt = at
	a.cancelWake = a.p.Delay(time.Until(at), func() {
		a.cancelWake = nil
		a.pass()
	})
}

func (a *Actor) dropWake() {
	if a.cancelWake != nil {
		a.cancelWake()
		a.cancelWake = nil
	}
}

// AddFramework is [Core.AddFramework].
func (a *Actor) AddFramework(f Framework, active bool, used map[string]resources.Resources) {
	a.event(func(c *Core) { c.AddFramework(f, active, used) })
}

// UpdateFramework is [Core.UpdateFramework].
func (a *Actor) UpdateFramework(f Framework) {
	a.event(func(c *Core) { c.UpdateFramework(f) })
}

// ActivateFramework is [Core.ActivateFramework].
func (a *Actor) ActivateFramework(id string) {
	a.event(func(c *Core) { c.ActivateFramework(id) })
}

// DeactivateFramework is [Core.DeactivateFramework].
func (a *Actor) DeactivateFramework(id string) {
	a.event(func(c *Core) { c.DeactivateFramework(id) })
}

// RemoveFramework is [Core.RemoveFramework].
func (a *Actor) RemoveFramework(id string) {
	a.event(func(c *Core) { c.RemoveFramework(id) })
}

// AddAgent is [Core.AddAgent].
func (a *Actor) AddAgent(agent Agent, used map[string]resources.Resources) {
	a.event(func(c *Core) { c.AddAgent(agent, used) })
}

// UpdateAgent is [Core.UpdateAgent].
func (a *Actor) UpdateAgent(agent Agent) {
	a.event(func(c *Core) { c.UpdateAgent(agent) })
}

// ActivateAgent is [Core.ActivateAgent].
func (a *Actor) ActivateAgent(id string) {
	a.event(func(c *Core) { c.ActivateAgent(id) })
}

// DeactivateAgent is [Core.DeactivateAgent].
func (a *Actor) DeactivateAgent(id string) {
	a.event(func(c *Core) { c.DeactivateAgent(id) })
}

// RemoveAgent is [Core.RemoveAgent].
func (a *Actor) RemoveAgent(id string) {
	a.event(func(c *Core) { c.RemoveAgent(id) })
}

// Allocated is [Core.Allocated].
func (a *Actor) Allocated(frameworkID, agentID string, r resources.Resources) {
	a.event(func(c *Core) { c.Allocated(frameworkID, agentID, r) })
}

// Recover is [Core.Recover]; a refusal counts from when the actor comes to it.
func (a *Actor) Recover(frameworkID, agentID string, r resources.Resources, refuse *Refuse) {
	a.event(func(c *Core) { c.Recover(frameworkID, agentID, r, refuse, time.Now()) })
}

// Suppress is [Core.Suppress].
func (a *Actor) Suppress(frameworkID string, roles []string) {
	a.event(func(c *Core) { c.Suppress(frameworkID, roles) })
}

// Revive is [Core.Revive].
func (a *Actor) Revive(frameworkID string, roles []string) {
	a.event(func(c *Core) { c.Revive(frameworkID, roles) })
}

// SetWeight is [Core.SetWeight].
func (a *Actor) SetWeight(role string, weight float64) error {
	if err := CheckWeight(role, weight); err != nil {
		return err
	}
	a.event(func(c *Core) { must(c.SetWeight(role, weight)) })
	return nil
}

// SetQuota is [Core.SetQuota].
func (a *Actor) SetQuota(role string, q Quota) error {
	if err := q.check(role); err != nil {
		return err
	}
	a.event(func(c *Core) { must(c.SetQuota(role, q)) })
	return nil
}

// Explain calls answer on the actor with what [Core.Explain] says.
func (a *Actor) Explain(frameworkID, role string, answer func(x Explanation, known bool)) {
	a.run(func() { answer(a.core.Explain(frameworkID, role)) })
}

// ExplainRole calls answer on the actor with what [Core.ExplainRole] says.
func (a *Actor) ExplainRole(role string, answer func(x RoleExplanation, known bool)) {
	a.run(func() { answer(a.core.ExplainRole(role)) })
}

// ExplainAgent calls answer on the actor with what [Core.ExplainAgent] says.
func (a *Actor) ExplainAgent(agentID string, answer func(x AgentExplanation, known bool)) {
	a.run(func() { answer(a.core.ExplainAgent(agentID)) })
}

// ExplainRequest calls answer on the actor with what [Core.ExplainRequest] says.
func (a *Actor) ExplainRequest(r Request, answer func(x RequestExplanation)) {
	a.run(func() { answer(a.core.ExplainRequest(r)) })
}

// Preempt calls answer on the actor with what [Core.Preempt] says.
func (a *Actor) Preempt(n Need, answer func([]Revocation)) {
	a.run(func() { answer(a.core.Preempt(n)) })
}

// AwaitAgents is [Core.AwaitAgents].
func (a *Actor) AwaitAgents(expected int) {
	a.event(func(c *Core) { c.AwaitAgents(expected, time.Now()) })
}

// SetUnavailability is [Core.SetUnavailability].
func (a *Actor) SetUnavailability(agentID string, u *Unavailability) {
	a.event(func(c *Core) { c.SetUnavailability(agentID, u) })
}

// UpdateInverseOffer is [Core.UpdateInverseOffer]; a refusal counts from when the
// actor comes to it.
func (a *Actor) UpdateInverseOffer(agentID, frameworkID string, answer InverseAnswer, refuse *Refuse) {
	a.event(func(c *Core) { c.UpdateInverseOffer(agentID, frameworkID, answer, refuse, time.Now()) })
}

// InverseStatuses calls answer on the actor with what [Core.InverseStatuses] says.
func (a *Actor) InverseStatuses(agentID string, answer func([]InverseStatus)) {
	a.run(func() { answer(a.core.InverseStatuses(agentID)) })
}

// OnInverseOffers sets what is called on the actor with inverse offers, never
// with none; it must not block. It is for before the actor is spawned; without
// it no framework is asked to leave an agent.
func (a *Actor) OnInverseOffers(f func([]InverseOffer)) { a.inverse = f }

// Check calls answer on the actor with what [Core.Check] says.
func (a *Actor) Check(answer func(error)) {
	a.run(func() { answer(a.core.Check()) })
}

// must is for errors that a check before has ruled out.
func must(err error) {
	if err != nil {
		panic("allocator: " + err.Error())
	}
}
