package scheduler

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// RefuseFor makes filters that keep what is returned away for so many seconds.
func RefuseFor(seconds float64) *v1.Filters {
	return &v1.Filters{RefuseSeconds: proto.Float64(seconds)}
}

// Launch runs tasks on one offer. What they leave of it is offered again;
// filters may be nil (5 s for this framework).
func (d *Driver) Launch(offer *v1.OfferID, tasks []*v1.TaskInfo, filters *v1.Filters) {
	d.Accept([]*v1.OfferID{offer}, []*v1.Offer_Operation{{
		Type: v1.Offer_Operation_LAUNCH.Enum(), Launch: &v1.Offer_Operation_Launch{TaskInfos: tasks},
	}}, filters)
}

// LaunchGroup runs a task group on one offer: all of its tasks start in one
// executor, or none does. An executor without a type is the default executor's;
// the framework's id is filled in. Filters are as for Launch.
func (d *Driver) LaunchGroup(offer *v1.OfferID, executor *v1.ExecutorInfo, tasks []*v1.TaskInfo, filters *v1.Filters) {
	executor = proto.CloneOf(executor)
	if executor.Type == nil {
		executor.Type = v1.ExecutorInfo_DEFAULT.Enum()
	}
	d.Accept([]*v1.OfferID{offer}, []*v1.Offer_Operation{{
		Type:        v1.Offer_Operation_LAUNCH_GROUP.Enum(),
		LaunchGroup: &v1.Offer_Operation_LaunchGroup{Executor: executor, TaskGroup: &v1.TaskGroupInfo{Tasks: tasks}},
	}}, filters)
}

// Accept carries out operations on offers of one agent and role.
func (d *Driver) Accept(offers []*v1.OfferID, ops []*v1.Offer_Operation, filters *v1.Filters) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_ACCEPT.Enum(), Accept: &schedulerv1.Call_Accept{OfferIds: offers, Operations: ops, Filters: filters}})
}

// Decline gives offers back; filters may be nil (5 s).
func (d *Driver) Decline(filters *v1.Filters, offers ...*v1.OfferID) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_DECLINE.Enum(), Decline: &schedulerv1.Call_Decline{OfferIds: offers, Filters: filters}})
}

// AcceptInverseOffers says that the framework will have left the agents in time.
// It is not asked again before the filters end; they may be nil (5 s).
func (d *Driver) AcceptInverseOffers(filters *v1.Filters, offers ...*v1.OfferID) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_ACCEPT_INVERSE_OFFERS.Enum(), AcceptInverseOffers: &schedulerv1.Call_AcceptInverseOffers{
		InverseOfferIds: offers, Filters: filters,
	}})
}

// DeclineInverseOffers says that the framework will not leave by itself; filters
// are as for AcceptInverseOffers.
func (d *Driver) DeclineInverseOffers(filters *v1.Filters, offers ...*v1.OfferID) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_DECLINE_INVERSE_OFFERS.Enum(), DeclineInverseOffers: &schedulerv1.Call_DeclineInverseOffers{
		InverseOfferIds: offers, Filters: filters,
	}})
}

// Revive asks for offers again and removes all filters; without roles for all of them.
func (d *Driver) Revive(roles ...string) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_REVIVE.Enum(), Revive: &schedulerv1.Call_Revive{Roles: roles}})
}

// Suppress asks for no more offers; without roles for all of them.
func (d *Driver) Suppress(roles ...string) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_SUPPRESS.Enum(), Suppress: &schedulerv1.Call_Suppress{Roles: roles}})
}

// Kill kills a task; policy may be nil.
func (d *Driver) Kill(taskID string, policy *v1.KillPolicy) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_KILL.Enum(), Kill: &schedulerv1.Call_Kill{TaskId: ids.Task(taskID), KillPolicy: policy}})
}

// Acknowledge says that an update is safe with the framework. Updates that the
// master made have no uuid and need none.
func (d *Driver) Acknowledge(s *v1.TaskStatus) {
	if len(s.GetUuid()) == 0 {
		return
	}
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_ACKNOWLEDGE.Enum(), Acknowledge: &schedulerv1.Call_Acknowledge{
		AgentId: s.AgentId, TaskId: s.TaskId, Uuid: s.Uuid,
	}})
}

// Reconcile asks for the state of tasks: of those named, or of all.
func (d *Driver) Reconcile(tasks ...*schedulerv1.Call_Reconcile_Task) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_RECONCILE.Enum(), Reconcile: &schedulerv1.Call_Reconcile{Tasks: tasks}})
}

// SendMessage carries bytes to an executor, at most once.
func (d *Driver) SendMessage(agentID, executorID string, data []byte) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_MESSAGE.Enum(), Message: &schedulerv1.Call_Message{
		AgentId: ids.Agent(agentID), ExecutorId: ids.Executor(executorID), Data: data,
	}})
}

// ShutdownExecutor stops an executor with all its tasks.
func (d *Driver) ShutdownExecutor(agentID, executorID string) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_SHUTDOWN.Enum(), Shutdown: &schedulerv1.Call_Shutdown{
		AgentId: ids.Agent(agentID), ExecutorId: ids.Executor(executorID),
	}})
}

// Request says what the framework waits for: bundles of resources, each on one
// agent. A master with preemption takes back for it what frameworks of lower
// priority were lent; others ignore it.
func (d *Driver) Request(bundles ...[]*v1.Resource) {
	r := &schedulerv1.Call_Request{}
	for _, b := range bundles {
		r.Requests = append(r.Requests, &v1.Request{Resources: b})
	}
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_REQUEST.Enum(), Request: r})
}

// UpdateFramework changes what the framework says of itself: its roles, name,
// capabilities and so on, but not user, principal and checkpoint. The driver
// fills in the id. While the framework is not subscribed its next subscription
// carries the change.
func (d *Driver) UpdateFramework(info *v1.FrameworkInfo, suppressedRoles ...string) {
	d.p.Dispatch(func() {
		id := d.info.Id
		d.info = proto.CloneOf(info)
		d.info.Id, d.conf.SuppressedRoles = id, suppressedRoles
		d.send(&schedulerv1.Call{Type: schedulerv1.Call_UPDATE_FRAMEWORK.Enum(), UpdateFramework: &schedulerv1.Call_UpdateFramework{
			FrameworkInfo: d.info, SuppressedRoles: suppressedRoles,
		}})
	})
}

func (d *Driver) call(c *schedulerv1.Call) { d.p.Dispatch(func() { d.send(c) }) }
