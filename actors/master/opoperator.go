package master

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"mesos/actors/allocator"
	"mesos/actors/master/validation"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// operatorRefusal keeps what an operator's operation takes from frameworks away
// from them until it is done, in seconds.
const operatorRefusal = 5

// operatorTries bounds how often what is taken back may be offered again before
// the operation comes to it.
const operatorTries = 5

// operateFor carries out an operation of an operator on what no task uses.
// Outstanding offers that are in the way are rescinded. field is what the request calls the agent, principal who asks.
// done is called once, on the actor.
func (m *Master) operateFor(principal, field, agentID string, op *v1.Offer_Operation, done func(answer)) {
	a := m.agents[agentID]
	if a == nil {
		done(answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("%s: no agent %.100q is registered", field, agentID)})
		return
	}
	plan, err := validation.Operation(op, m.operationContext(nil, a, ""))
	if err == nil {
		err = a.checkProvider(plan.Provider)
	}
	if err == nil {
		if denied := m.conf.Rules.Operation(principal, op, plan.Conversion); denied != nil {
			done(forbidden(denied))
			return
		}
	}
	switch {
	case err != nil:
		done(answer{Code: http.StatusBadRequest, Text: err.Error()})
	case !a.connected:
		done(conflict("agent %s is not connected", a.id))
	default:
		m.tryOperator(a, plan, operatorTries, done)
	}
}

func conflict(format string, args ...any) answer {
	return answer{Code: http.StatusConflict, Text: fmt.Sprintf(format, args...)}
}

func (m *Master) tryOperator(a *agent, plan validation.OperationPlan, tries int, done func(answer)) {
	free, rescind := a.freeFor(plan.Consumed)
	if !free.Contains(plan.Consumed) {
		done(conflict("%v of agent %s is not available: what no task uses is %v", plan.Consumed, a.id, free))
		return
	}
	for _, o := range rescind {
		m.rescind(o, &allocator.Refuse{Seconds: operatorRefusal})
	}
	version := a.versionOf(plan.Provider)
	m.alloc.ConvertAvailable(a.id, plan.Consumed, plan.Converted, func(err error) {
		m.p.Dispatch(func() { m.operatorConverted(a, plan, version, tries, err, done) })
	})
}

// operatorConverted goes on when the allocator has spoken. What was taken back
// may have been offered again before the allocator came to it.
func (m *Master) operatorConverted(a *agent, plan validation.OperationPlan, version string, tries int, err error, done func(answer)) {
	switch {
	case m.agents[a.id] != a || !a.connected || a.versionOf(plan.Provider) != version:
		// What the agent said of its resources since then counts.
		done(conflict("agent %s registered anew or was lost meanwhile: try again", a.id))
		return
	case err != nil && tries > 1:
		m.tryOperator(a, plan, tries-1, done)
		return
	case err != nil:
		done(conflict("%v", err))
		return
	}
	total, err := a.total.Apply(plan.Conversion)
	if err != nil {
		done(conflict("agent %s: %v", a.id, err))
		return
	}
	a.total = total
	m.withdrawShared(a, plan.Consumed)
	m.sendOperation(nil, a, plan)
	done(accepted)
}

// freeFor is what neither tasks nor offers hold, and, if that does not cover
// need, what more is free when the returned offers are rescinded. Shared volumes
// are free unless the validation says otherwise.
func (a *agent) freeFor(need resources.Resources) (resources.Resources, []*offer) {
	free := a.total.NonShared()
	for _, r := range ordered.All(a.used()) {
		free = free.Sub(r.Unallocate().NonShared())
	}
	offers := make([]*offer, 0, len(a.offers))
	for _, o := range ordered.All(a.offers) {
		offers = append(offers, o)
		free = free.Sub(o.resources.Unallocate().NonShared())
	}
	slices.SortFunc(offers, func(x, y *offer) int { return cmp.Compare(x.id, y.id) })
	free = free.Add(a.total.Shared())
	var rescind []*offer
	for _, o := range offers {
		if free.Contains(need) {
			break
		}
		if r := o.resources.Unallocate().NonShared(); overlaps(r, need) {
			free = free.Add(r)
			rescind = append(rescind, o)
		}
	}
	return free, rescind
}
