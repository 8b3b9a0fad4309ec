package agent

import (
	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/actors/statusupdate"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// tellOperation sends an operation's terminal status to the master, and again by
// the rules of task updates until it is acknowledged. There is one status for
// each operation, so its stream has no order to keep.
func (a *Agent) tellOperation(o *operation) {
	o.sends++
	a.sendOperation(o, o.sends, 0)
}

func (a *Agent) sendOperation(o *operation, sends, n int) {
	if !a.registered || o.acked || o.pending() || o.sends != sends || a.operations[o.key()] != o {
		return // over, or told when the agent is registered
	}
	a.p.Send(a.conf.Master, &internalpb.UpdateOperationStatusMessage{
		FrameworkId: o.m.FrameworkId, SlaveId: ids.Agent(a.id), Status: o.m.LatestStatus, LatestStatus: o.m.LatestStatus, OperationUuid: o.m.Uuid,
	})
	a.p.Delay(statusupdate.Backoff(n), func() { a.sendOperation(o, sends, n+1) })
}

// acknowledgedOperation forgets an operation whose terminal status its
// framework, or in its place the master, has.
func (a *Agent) acknowledgedOperation(from actors.UPID, msg *internalpb.AcknowledgeOperationStatusMessage) {
	o := a.operations[string(msg.GetOperationUuid().GetValue())]
	if from == a.conf.Master && a.acknowledgedByProvider(o, msg) {
		return
	}
	if from != a.conf.Master || o == nil || o.acked || o.pending() {
		return
	}
	if got, want := msg.GetStatusUuid().GetValue(), o.m.GetLatestStatus().GetUuid().GetValue(); string(got) != string(want) {
		a.log.Debug("acknowledgement of another status ignored", "operation_id", o.m.GetInfo().GetId().GetValue())
		return
	}
	o.acked = true
	a.conf.Store.Commit(func() {
		a.p.Dispatch(func() {
			delete(a.operations, o.key())
			a.checkDrained()
		})
	}, store.DeleteOperation(o.m.GetUuid().GetValue()))
}

// reconcileOperations answers for operations that the master sent and the agent
// did not report: they were lost on the way.
func (a *Agent) reconcileOperations(from actors.UPID, msg *internalpb.ReconcileOperationsMessage) {
	if from != a.conf.Master {
		return
	}
	for _, lost := range msg.GetOperations() {
		if o := a.operations[string(lost.GetOperationUuid().GetValue())]; o != nil {
			a.tellOperation(o)
			continue
		}
		state, why := v1.OperationState_OPERATION_DROPPED, errLost
		provider := lost.GetResourceProviderId().GetValue()
		if provider != "" {
			var wait bool
			if state, why, wait = a.lostToProvider(provider); wait {
				continue // the master asks again when the provider has told what it has
			}
		}
		info := &v1.Offer_Operation{Type: v1.Offer_Operation_UNKNOWN.Enum(), Id: lost.OperationId}
		o := a.newOperation(msg.FrameworkId, info, lost.OperationUuid, provider)
		a.operationOver(o, state, why)
	}
}

// newVersion begins a new version of what the master knows of the resources,
// also those of providers: an operation that it sent before is not carried out any more.
func (a *Agent) newVersion() *v1.UUID {
	a.version = a.newUUIDBytes()
	for _, p := range ordered.All(a.providers.all) {
		p.epoch = a.newUUIDBytes()
	}
	return &v1.UUID{Value: a.version}
}

// reportOperations tells the master all that [Agent.report] says, and the ends of operations.
func (a *Agent) reportOperations() {
	a.report()
	for _, o := range ordered.All(a.operations) {
		a.tellOperation(o)
	}
}

// restoreOperations takes up what operations of earlier runs made, before the
// actor runs.
func (a *Agent) restoreOperations(s *store.State) error {
	kept, err := resources.FromProto(s.Resources)
	if err != nil {
		return err
	}
	if a.total, err = a.conf.Resources.WithCheckpointed(kept); err != nil {
		return &ReconfigurationError{"resources", kept.String(), a.conf.Resources.String(), a.conf.Reconfigure}
	}
	for _, m := range s.Operations {
		o := &operation{m: m, provider: m.GetLatestStatus().GetResourceProviderId().GetValue()}
		a.operations[o.key()] = o
	}
	return nil
}

// resumeOperations brings the disks in line with what is durable: data that was
// set aside is deleted, and operations that were pending go on.
func (a *Agent) resumeOperations() {
	var pending []*operation
	theirs := map[string]bool{}
	for _, o := range ordered.All(a.operations) {
		if !o.pending() {
			continue
		}
		pending = append(pending, o)
		if c, err := resources.Convert(o.m.GetInfo()); err == nil {
			for v := range c.Consumed.Volumes().All() {
				theirs[tag(o.m.GetUuid(), v)] = true
			}
		}
	}
	a.acting += len(pending) + 1
	total := a.total
	a.wg.Go(func() {
		remove := a.conf.Volumes.Purge(total, theirs)
		a.p.Dispatch(func() {
			a.acting--
			for _, o := range pending {
				a.act(o)
			}
			a.release()
		})
		if err := remove(); err != nil {
			a.log.Error("data of destroyed volumes is not deleted yet", "error", err)
		}
	})
}

// release lets orders go on that waited for recovery or for an operation.
func (a *Agent) release() {
	for len(a.held) > 0 && !a.recovering && a.acting == 0 {
		order := a.held[0]
		a.held = a.held[1:]
		order()
	}
}

// lacks says what the resources of a task or executor name of reservations and
// volumes that this agent does not have, "" if nothing: the operation that was
// to make it did not succeed. What providers have may have gone with them.
func (a *Agent) lacks(lists ...[]*v1.Resource) string {
	for _, list := range lists {
		r, err := resources.FromProto(list)
		if err != nil {
			return err.Error()
		}
		need := r.Unallocate().SharedOnce()
		if own := need.Own().Checkpointed(); !a.total.Contains(own) {
			return "the agent does not have " + own.String()
		}
		for e := range need.Provided().All() {
			p, of := a.providers.all[e.ProviderID()], need.OfProvider(e.ProviderID())
			if !p.present() || !p.total.Contains(of) {
				return "the agent's resource providers do not have " + of.String()
			}
		}
	}
	return ""
}
