package marathon

import (
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// The ids of operations say what they do for which instance.
const (
	reserveOp   = "reserve."
	createOp    = "create."
	destroyOp   = "destroy."   // UUID.INSTANCE follows: it may have to be repeated
	unreserveOp = "unreserve." // the same
)

func claimOps(instance string, reserved, volumes []*v1.Resource) []*v1.Offer_Operation {
	return []*v1.Offer_Operation{scheduler.Reserve(reserveOp+instance, reserved...), scheduler.Create(createOp+instance, volumes...)}
}

// cleanOps destroy what is left over and give it back.
func (s *Service) cleanOps(l leftover) (ops []*v1.Offer_Operation) {
	volumes, reserved := match.Leftover(l.claimed)
	unique := s.d.Process().UUID().String() + "."
	s.log.Info("giving back what no instance holds", "instance", l.instance, "volumes", len(volumes))
	if len(volumes) > 0 {
		ops = append(ops, scheduler.Destroy(destroyOp+unique+l.instance, volumes...))
	}
	return append(ops, scheduler.Unreserve(unreserveOp+unique+l.instance, reserved...))
}

// onOperation learns what became of an operation.
func (s *Service) onOperation(d *scheduler.Driver, u *v1.OperationStatus) {
	id := u.GetOperationId().GetValue()
	s.log.Info("operation told", "operation_id", id, "state", u.GetState().String(), "reason", u.GetMessage())
	switch {
	case strings.HasPrefix(id, createOp):
		s.claimTold(strings.TrimPrefix(id, createOp), u, true)
	case strings.HasPrefix(id, reserveOp):
		s.claimTold(strings.TrimPrefix(id, reserveOp), u, false)
	case strings.HasPrefix(id, unreserveOp):
		if _, instance, _ := strings.Cut(strings.TrimPrefix(id, unreserveOp), "."); u.GetState() == v1.OperationState_OPERATION_FINISHED {
			delete(s.leftover, instance)
			s.feed()
		}
	}
	s.commit(func() { d.AcknowledgeOperation(u) })
}

// claimTold is about one of the two operations of a claim; the last one decides. An operation that nobody knows was
// never begun, unless its good end was told before.
func (s *Service) claimTold(instance string, u *v1.OperationStatus, last bool) {
	i := s.instances[instance]
	if i == nil || !i.Resident || s.pending[instance] {
		return
	}
	switch u.GetState() {
	case v1.OperationState_OPERATION_FINISHED:
		if last && i.Claims() {
			s.hold(i)
		}
	case v1.OperationState_OPERATION_GONE_BY_OPERATOR:
		if i.Over() {
			s.expunge(i)
		}
	case v1.OperationState_OPERATION_ERROR, v1.OperationState_OPERATION_FAILED, v1.OperationState_OPERATION_DROPPED:
		s.claimFailed(i, u)
	case v1.OperationState_OPERATION_UNKNOWN:
		if last {
			s.claimFailed(i, u)
		}
	}
}

func (s *Service) claimFailed(i *model.Instance, u *v1.OperationStatus) {
	if !i.Claims() {
		return // it has its volumes: this is about an operation long past
	}
	why := "its volumes were not made: " + u.GetState().String() + ": " + u.GetMessage()
	s.log.Warn("a claim failed", "app", i.Spec, "instance", i.ID, "agent_id", i.AgentID, "reason", why)
	s.failed(i, why, time.Now())
	s.expunge(i)
}

// askForClaims asks what became of operations: of those that make volumes, and if all is set also of those of instances
// that sleep, which tells when their agents are gone for good.
func (s *Service) askForClaims(all bool) {
	var list []*schedulerv1.Call_ReconcileOperations_Operation
	for id, i := range ordered.All(s.instances) {
		if asked := i.Claims() || all && i.Resident && i.Sleeps(); !asked || s.pending[id] {
			continue
		}
		list = append(list, &schedulerv1.Call_ReconcileOperations_Operation{
			OperationId: &v1.OperationID{Value: proto.String(createOp + id)}, AgentId: ids.Agent(i.AgentID),
		})
	}
	if len(list) > 0 {
		s.d.ReconcileOperations(list...)
	}
}

// sweepTime is how long a sweep looks at offers.
const sweepTime = 15 * time.Second

// sweep asks for offers for a while though nothing may wait: what was reserved for instances that are forgotten shows in
// them, also on agents that were away when it should have been given back.
func (s *Service) sweep() {
	if !s.stateful {
		return
	}
	s.sweeping = time.Now().Add(sweepTime)
	s.hungry.grown()
	s.feed()
	s.d.Delay(sweepTime, s.feed)
}

// leave notes that the volumes of an instance that is forgotten are to be looked for.
func (s *Service) leave(i *model.Instance) {
	s.leftover[i.ID] = time.Now()
	s.hungry.grown()
}

// patienceWithLeftovers is how long offers are asked for because of what is left over; then sweeps do.
const patienceWithLeftovers = 10 * time.Minute

// lookForLeftovers says that offers are asked for because of what they may show.
func (s *Service) lookForLeftovers(now time.Time) bool {
	for id, since := range s.leftover {
		if now.Sub(since) > patienceWithLeftovers {
			delete(s.leftover, id)
		}
	}
	return len(s.leftover) > 0 || now.Before(s.sweeping)
}
