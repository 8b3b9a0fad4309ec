package agent

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/ordered"
)

// report tells the master all operations that are not over, what resource
// providers have, and what is lent. It follows each registration and each change of those.
func (a *Agent) report() {
	if !a.registered {
		return
	}
	list := &internalpb.UpdateSlaveMessage_Operations{}
	of := map[string][]*v1.Operation{}
	for _, o := range ordered.All(a.operations) {
		switch {
		case o.acked:
		case o.forwarded && a.providers.all[o.provider] != nil:
			of[o.provider] = append(of[o.provider], o.m)
		default:
			list.Operations = append(list.Operations, o.m)
		}
	}
	told := &internalpb.UpdateSlaveMessage_ResourceProviders{}
	for id, p := range ordered.All(a.providers.all) {
		total := a.offered(p)
		p.lastTold = total
		if !p.shown && total.IsEmpty() && len(of[id]) == 0 {
			continue
		}
		told.Providers = append(told.Providers, &internalpb.UpdateSlaveMessage_ResourceProvider{
			Info: p.info, TotalResources: total.Proto(), Operations: &internalpb.UpdateSlaveMessage_Operations{Operations: of[id]},
			ResourceVersionUuid: &v1.UUID{Value: p.epoch},
		})
	}
	msg := &internalpb.UpdateSlaveMessage{
		SlaveId: ids.Agent(a.id), Operations: list, ResourceVersionUuid: &v1.UUID{Value: a.version},
		UpdateOversubscribedResources: proto.Bool(false), ResourceProviders: told,
	}
	a.addLent(msg)
	a.p.Send(a.conf.Master, msg)
}

// providerProtos is GET_RESOURCE_PROVIDERS: those that told what they have since
// the agent started, with what can be used of it now.
func (a *Agent) providerProtos() *agentv1.Response_GetResourceProviders {
	out := &agentv1.Response_GetResourceProviders{}
	for _, p := range ordered.All(a.providers.all) {
		if p.shown {
			out.ResourceProviders = append(out.ResourceProviders, &agentv1.Response_GetResourceProviders_ResourceProvider{
				ResourceProviderInfo: p.info, TotalResources: p.total.EndpointProto(),
			})
		}
	}
	return out
}
