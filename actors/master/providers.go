package master

import (
	"fmt"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// provider is a resource provider of an agent. What it has is in the agent's total.
type provider struct {
	info *v1.ResourceProviderInfo
	// version names what the agent last told of its resources. An operation that was sent on the strength of another one
	// is not carried out.
	version string
}

// versionOf is the version of the resources that an operation changes; "" if there is no such provider.
func (a *agent) versionOf(providerID string) string {
	switch p := a.providers[providerID]; {
	case providerID == "":
		return a.resourceVersion
	case p != nil:
		return p.version
	}
	return ""
}

// underWay says that an operation was sent since the agent last told what it changes: the agent may not have it yet.
func (a *agent) underWay(o *operation) bool {
	v := a.versionOf(o.provider)
	return v != "" && o.version == v
}

// checkProvider refuses an operation on what no provider has any more.
func (a *agent) checkProvider(id string) error {
	if id != "" && a.providers[id] == nil {
		return fmt.Errorf("provider_id %q: the agent has no such resource provider", id)
	}
	return nil
}

// providersTold takes what an agent says of its resource providers: all of them, so that those missing are gone. Offers
// of what has changed are void. What a pending operation that makes or unmakes a disk consumes is nobody's meanwhile.
func (m *Master) providersTold(a *agent, told *internalpb.UpdateSlaveMessage_ResourceProviders, reported map[string]*v1.Operation) {
	if told == nil {
		return
	}
	before, next := a.total, map[string]*provider{}
	for _, t := range told.GetProviders() {
		id, version := t.GetInfo().GetId().GetValue(), string(t.GetResourceVersionUuid().GetValue())
		total, err := providerTotal(id, t.GetTotalResources())
		if err != nil {
			m.log.Error("resource provider is ignored", "agent_id", a.id, "resource_provider_id", id, "error", err)
			continue
		}
		next[id] = &provider{t.GetInfo(), version}
		if version != a.versionOf(id) {
			m.resetProvider(a, id, total, reported)
		}
	}
	for id := range ordered.All(a.providers) {
		if next[id] == nil {
			m.resetProvider(a, id, resources.Resources{}, reported)
		}
	}
	a.providers = next
	if a.total.Equal(before) {
		return
	}
	m.log.Info("resources of the agent's providers changed", "agent_id", a.id, "before", before.Provided(), "now", a.total.Provided())
	for _, o := range ordered.All(a.offers) {
		for e := range o.resources.Provided().All() {
			if id := e.ProviderID(); !a.total.OfProvider(id).Equal(before.OfProvider(id)) {
				m.rescind(o, nil)
				break
			}
		}
	}
	m.alloc.UpdateAgent(m.allocatorAgent(a))
}

func providerTotal(id string, list []*v1.Resource) (resources.Resources, error) {
	total, err := resources.FromProto(list)
	if err != nil {
		return total, fmt.Errorf("total_resources: %w", err)
	}
	if id == "" || !total.OfProvider(id).Unallocate().Equal(total) {
		return total, fmt.Errorf("total_resources %v must all have the provider_id %q and no allocation", total, id)
	}
	return total, nil
}

// resetProvider replaces what a provider has. The agent said with it how far the operations are that it reports: the
// result of one that is over is in what it says, that of a pending one is not.
func (m *Master) resetProvider(a *agent, id string, total resources.Resources, reported map[string]*v1.Operation) {
	for _, o := range ordered.All(a.operations) {
		if o.provider != id {
			continue
		}
		o.taken = resources.Resources{}
		switch r := reported[o.uuid]; {
		case r == nil || !o.pending():
		case r.GetLatestStatus().GetState() != v1.OperationState_OPERATION_PENDING:
			m.operationOver(a, o, r.GetLatestStatus())
		case resources.IsDiskOperation(o.info):
			if source, err := resources.DiskSource(o.info); err == nil && total.Contains(source.Unallocate()) {
				o.taken = source.Unallocate()
				total = total.Sub(o.taken)
			}
		}
	}
	a.total = a.total.Sub(a.total.OfProvider(id)).Add(total)
}

// operationOver notes the end of an operation.
func (m *Master) operationOver(a *agent, o *operation, s *v1.OperationStatus) {
	o.status = s
	m.metrics.Operations.Over(o.info.GetType(), s.GetState())
	m.log.Info("operation over", "framework_id", o.frameworkID, "agent_id", a.id, "operation_id", o.id(), "state", s.GetState().String(), "message", s.GetMessage())
}

// settle gives back what an operation took that made or unmade a disk: what came of it, or if nothing did what it consumed.
func (m *Master) settle(a *agent, o *operation, s *v1.OperationStatus) {
	if o.taken.IsEmpty() {
		return
	}
	back := o.taken
	o.taken = resources.Resources{}
	if s.GetState() == v1.OperationState_OPERATION_FINISHED {
		made, err := resources.FromProto(s.GetConvertedResources())
		if made = made.Unallocate(); err != nil || !made.OfProvider(o.provider).Equal(made) {
			m.log.Error("what came of an operation is ignored", "agent_id", a.id, "operation_id", o.id(), "converted", made, "error", err)
			made = resources.Resources{}
		}
		back = made
	}
	a.total = a.total.Add(back)
	m.alloc.UpdateAgent(m.allocatorAgent(a))
}
