package simtest

import (
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// operation remembers a status that was told.
func (f *Framework) operation(_ *scheduler.Driver, s *v1.OperationStatus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.operations == nil {
		f.operations = map[string][]*v1.OperationStatus{}
	}
	id := s.GetOperationId().GetValue()
	f.operations[id] = append(f.operations[id], s)
}

// Operation is the newest status of an operation, nil if none was told.
func (f *Framework) Operation(id string) *v1.OperationStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.operations[id]; len(h) > 0 {
		return h[len(h)-1]
	}
	return nil
}

// OperationStates are the states that were told of an operation, in order.
func (f *Framework) OperationStates(id string) (out []v1.OperationState) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.operations[id] {
		out = append(out, s.GetState())
	}
	return out
}

// Operated says that an operation's newest state is s.
func (f *Framework) Operated(id string, s v1.OperationState) func() bool {
	return func() bool { o := f.Operation(id); return o != nil && o.GetState() == s }
}

// Accept carries out operations on an offer and all others that the framework
// holds of its agent.
func (f *Framework) Accept(o *v1.Offer, ops ...*v1.Offer_Operation) {
	all := []*v1.OfferID{o.GetId()}
	f.rescinded(nil, o.GetId())
	for _, x := range f.Held() {
		if x.GetAgentId().GetValue() == o.GetAgentId().GetValue() {
			all = append(all, x.GetId())
			f.rescinded(nil, x.GetId())
		}
	}
	f.driver.Accept(all, ops, scheduler.RefuseFor(0))
}

// AcceptOne carries out operations on one offer, and then launches tasks on what they make.
func (f *Framework) AcceptOne(o *v1.Offer, ops []*v1.Offer_Operation, tasks ...*v1.TaskInfo) {
	f.rescinded(nil, o.GetId())
	f.mu.Lock()
	for _, t := range tasks {
		f.launched[t.GetTaskId().GetValue()] = o.GetAgentId().GetValue()
	}
	f.mu.Unlock()
	f.c.referee.launched(f.info, tasks...)
	if len(tasks) > 0 {
		ops = append(ops, scheduler.LaunchTasks(tasks...))
	}
	f.driver.Accept([]*v1.OfferID{o.GetId()}, ops, scheduler.RefuseFor(0))
}

// Has is what the master believes that an agent has.
func (c *Cluster) Has(a *Agent) resources.Resources {
	c.T.Helper()
	picture, err := c.leader.Snapshot()
	if err != nil {
		c.T.Fatal(err)
	}
	for _, v := range picture.Agents {
		if v.PID == "slave(1)@"+a.addr {
			return v.Total
		}
	}
	return resources.Resources{}
}
