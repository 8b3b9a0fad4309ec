package master

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// operationStatus takes how an operation ended and forwards it. The agent
// repeats it until it is acknowledged: by the framework through the master, or
// by the master itself where nobody else will.
func (m *Master) operationStatus(from actors.UPID, msg *internalpb.UpdateOperationStatusMessage) {
	m.metrics.Operations.Updates.Inc()
	a := m.agents[msg.GetSlaveId().GetValue()]
	if a == nil || a.upid != from {
		m.metrics.Operations.InvalidUpdates.Inc()
		m.log.Warn("operation status of an agent that is not registered", "agent_id", msg.GetSlaveId().GetValue(), "from", from.String())
		return
	}
	m.metrics.Operations.ValidUpdates.Inc()
	s := msg.GetStatus()
	o := a.operations[string(msg.GetOperationUuid().GetValue())]
	if o == nil { // acknowledged before; only the agent did not hear it
		m.acknowledgeOperation(a, s.GetResourceProviderId().GetValue(), msg.GetOperationUuid(), s.GetUuid())
		return
	}
	if o.pending() && s.GetState() != v1.OperationState_OPERATION_PENDING {
		m.settle(a, o, s)
		m.operationOver(a, o, s)
	}
	o.status = s
	f := m.frameworks[o.frameworkID]
	switch {
	case m.nobodyAcknowledges(o, f, time.Now()):
		m.acknowledgeOperation(a, o.provider, msg.GetOperationUuid(), s.GetUuid())
		m.removeOperation(o)
	case f != nil && f.conn != nil:
		m.tellOperation(f, s, true)
	}
}

// nobodyAcknowledges says that the status of an operation waits for nobody: an
// operator asked for it, its framework wants no feedback or is gone. One that
// this master has not seen may still come, as long as agents may.
func (m *Master) nobodyAcknowledges(o *operation, f *framework, now time.Time) bool {
	switch {
	case o.frameworkID == "" || o.id() == "":
		return true
	case f != nil:
		return f.removed
	case slices.ContainsFunc(m.completed.values, func(f *framework) bool { return f.id == o.frameworkID }):
		return true
	}
	return now.Sub(m.start) >= m.conf.AgentReregisterTimeout
}

func (m *Master) acknowledgeOperation(a *agent, provider string, operation, status *v1.UUID) {
	if status != nil {
		m.send(a, &internalpb.AcknowledgeOperationStatusMessage{StatusUuid: status, OperationUuid: operation, ResourceProviderId: ids.Provider(provider)})
	}
}

// operationAcknowledged forwards a scheduler's acknowledgement and forgets the operation.
func (m *Master) operationAcknowledged(f *framework, ack *schedulerv1.Call_AcknowledgeOperationStatus) {
	o := f.operations.byID(ack.GetOperationId().GetValue())
	if o == nil || o.pending() || string(o.status.GetUuid().GetValue()) != string(ack.GetUuid()) {
		m.metrics.Operations.InvalidAcks.Inc()
		m.log.Debug("acknowledgement that no operation status waits for", "framework_id", f.id, "operation_id", ack.GetOperationId().GetValue())
		return
	}
	a := m.agents[o.agentID]
	if a == nil || !a.connected {
		// The agent repeats the status when it is back; then it is acknowledged again.
		m.metrics.Operations.InvalidAcks.Inc()
		return
	}
	m.metrics.Operations.ValidAcks.Inc()
	m.acknowledgeOperation(a, o.provider, &v1.UUID{Value: []byte(o.uuid)}, o.status.GetUuid())
	m.removeOperation(o)
}

// updateAgent takes what an agent reports after each registration, and when its
// resource providers or what it lends change: its operations and what they have. Operations that it does not have, though it registered after they
// were sent, are lost: it is asked for each, and says so.
func (m *Master) updateAgent(from actors.UPID, msg *internalpb.UpdateSlaveMessage) {
	m.metrics.UpdateAgents.Inc()
	a := m.agents[msg.GetSlaveId().GetValue()]
	if a == nil || a.upid != from || string(msg.GetResourceVersionUuid().GetValue()) != a.resourceVersion {
		m.log.Warn("report of an agent that is not registered so", "agent_id", msg.GetSlaveId().GetValue(), "from", from.String())
		return
	}
	reported := map[string]*v1.Operation{}
	take := func(provider string, list []*v1.Operation) {
		for _, op := range list {
			id := string(op.GetUuid().GetValue())
			reported[id] = op
			// One that it reports before it has heard that it is acknowledged is over.
			if a.operations[id] == nil && !slices.Contains(a.acknowledged.values, id) {
				m.adoptOperation(a, provider, op)
			}
		}
	}
	take("", msg.GetOperations().GetOperations())
	for _, p := range msg.GetResourceProviders().GetProviders() {
		take(p.GetInfo().GetId().GetValue(), p.GetOperations().GetOperations())
	}
	m.providersTold(a, msg.GetResourceProviders(), reported)
	m.lentTold(a, msg)
	lost := map[string]*internalpb.ReconcileOperationsMessage{}
	for _, o := range ordered.All(a.operations) {
		if reported[o.uuid] != nil || a.underWay(o) {
			continue
		}
		ask := lost[o.frameworkID]
		if ask == nil {
			ask = &internalpb.ReconcileOperationsMessage{}
			if o.frameworkID != "" {
				ask.FrameworkId = ids.Framework(o.frameworkID)
			}
			lost[o.frameworkID] = ask
		}
		ask.Operations = append(ask.Operations, &internalpb.ReconcileOperationsMessage_Operation{
			OperationUuid: &v1.UUID{Value: []byte(o.uuid)}, OperationId: o.info.GetId(), ResourceProviderId: ids.Provider(o.provider),
		})
	}
	for _, ask := range ordered.All(lost) {
		m.send(a, ask)
	}
	a.reported = true
	m.checkDrained(a)
}

// adoptOperation takes over an operation that an earlier master sent, or this
// one before it gave the agent up.
func (m *Master) adoptOperation(a *agent, provider string, op *v1.Operation) {
	o := &operation{
		provider: provider,
		uuid:     string(op.GetUuid().GetValue()), frameworkID: op.GetFrameworkId().GetValue(), agentID: a.id,
		info: op.GetInfo(), status: op.GetLatestStatus(),
	}
	a.operations[o.uuid] = o
	switch f := m.frameworks[o.frameworkID]; {
	case f != nil && !f.removed:
		f.operations[o.uuid] = o
	case f == nil && o.frameworkID != "":
		if m.orphans[o.frameworkID] == nil {
			m.orphans[o.frameworkID] = operations{}
		}
		m.orphans[o.frameworkID][o.uuid] = o
	}
	m.log.Info("operation adopted", "framework_id", o.frameworkID, "agent_id", a.id, "operation_id", o.id(), "state", o.status.GetState().String())
}

// operationsOf are the operations that agents reported of a framework that was
// not known; from now on they are its own.
func (m *Master) operationsOf(frameworkID string) operations {
	ops := m.orphans[frameworkID]
	delete(m.orphans, frameworkID)
	if ops == nil {
		ops = operations{}
	}
	return ops
}

// endOperations lets the agents forget the operations of a framework that is removed.
func (m *Master) endOperations(f *framework) {
	for _, o := range ordered.All(f.operations) {
		if a := m.agents[o.agentID]; a != nil && !o.pending() {
			m.acknowledgeOperation(a, o.provider, &v1.UUID{Value: []byte(o.uuid)}, o.status.GetUuid())
		}
		if !o.pending() {
			m.removeOperation(o)
		}
	}
	clear(f.operations)
}

// operationsLost tells frameworks what the loss of an agent means for their
// operations. If it comes back it reports them again.
func (m *Master) operationsLost(a *agent, why v1.TaskState) {
	state := v1.OperationState_OPERATION_UNKNOWN
	switch why {
	case v1.TaskState_TASK_UNREACHABLE:
		state = v1.OperationState_OPERATION_UNREACHABLE
	case v1.TaskState_TASK_GONE_BY_OPERATOR:
		state = v1.OperationState_OPERATION_GONE_BY_OPERATOR
	}
	for _, o := range ordered.All(a.operations) {
		if f := m.frameworks[o.frameworkID]; f != nil && o.id() != "" && !f.removed {
			m.tellOperation(f, unknownOperation(o.info.GetId(), a.id, state, "the agent of the operation was removed"), false)
		}
		if o.pending() {
			m.metrics.Operations.Over(o.info.GetType(), state)
		}
		m.removeOperation(o)
	}
	clear(a.operations)
}

func unknownOperation(id *v1.OperationID, agentID string, state v1.OperationState, text string) *v1.OperationStatus {
	s := &v1.OperationStatus{OperationId: id, State: state.Enum(), Message: proto.String(text)}
	if agentID != "" {
		s.AgentId = ids.Agent(agentID)
	}
	return s
}

// reconcileOperations tells a scheduler what is known of its operations: of all
// (an empty list), or of each that it names.
func (m *Master) reconcileOperations(f *framework, asked []*schedulerv1.Call_ReconcileOperations_Operation) {
	if len(asked) == 0 {
		for _, o := range ordered.All(f.operations) {
			if o.id() != "" {
				m.tellOperation(f, o.status, false)
			}
		}
		return
	}
	now := time.Now()
	for _, q := range asked {
		if o := f.operations.byID(q.GetOperationId().GetValue()); o != nil {
			m.tellOperation(f, o.status, false)
			continue
		}
		agentID := q.GetAgentId().GetValue()
		state, text := m.stateOfUnknown(f, agentID, now)
		m.tellOperation(f, unknownOperation(q.OperationId, agentID, state, "Reconciliation: "+text), false)
	}
}

// stateOfUnknown says what is true of an operation that is not known, by what
// is known of its agent.
func (m *Master) stateOfUnknown(f *framework, agentID string, now time.Time) (v1.OperationState, string) {
	switch {
	case m.agents[agentID] != nil:
		return v1.OperationState_OPERATION_UNKNOWN, "the agent is registered and does not know the operation"
	case m.away.unreachable[agentID] != nil:
		return v1.OperationState_OPERATION_UNREACHABLE, "the agent is unreachable"
	case m.away.gone[agentID]:
		return v1.OperationState_OPERATION_GONE_BY_OPERATOR, "the agent was marked gone by an operator"
	case m.mayReturn(f, agentID, now):
		return v1.OperationState_OPERATION_RECOVERING, "the agent may still register with this master"
	}
	return v1.OperationState_OPERATION_UNKNOWN, "the operation is unknown"
}
