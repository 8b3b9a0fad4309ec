package agent

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// publish has the providers of what is needed make it usable on this machine,
// and calls then on the actor: at once if nothing of it is of a provider. A
// provider is told all that is in use of it, so that a repeated or lost word does
// no harm.
func (a *Agent) publish(need []*v1.Resource, then func(error)) {
	r, err := resources.FromProto(need)
	if err != nil {
		then(err)
		return
	}
	ask := map[string]resources.Resources{}
	for e := range r.Provided().All() {
		ask[e.ProviderID()] = r.OfProvider(e.ProviderID()).Unallocate()
	}
	if len(ask) == 0 {
		then(nil)
		return
	}
	left := len(ask)
	one := func(err error) {
		if left--; left >= 0 && (err != nil || left == 0) {
			left = -1 // told once
			then(err)
		}
	}
	for id, needed := range ordered.All(ask) {
		a.publishOf(id, needed, one)
	}
}

func (a *Agent) publishOf(id string, needed resources.Resources, then func(error)) {
	p := a.providers.all[id]
	if !p.present() {
		then(fmt.Errorf("resource provider %s is not subscribed", id))
		return
	}
	used := a.usedOf(id)
	if !used.Contains(needed.SharedOnce()) { // an executor that is only about to have it
		used = used.Add(needed).SharedOnce()
	}
	uuid := a.newUUIDBytes()
	p.publishing[string(uuid)] = then
	p.conn.Send(&rpv1.Event{Type: rpv1.Event_PUBLISH_RESOURCES.Enum(), PublishResources: &rpv1.Event_PublishResources{
		Uuid: &v1.UUID{Value: uuid}, Resources: used.Proto(),
	}})
}

// published goes on with what waited for resources.
func (a *Agent) published(p *provider, u *rpv1.Call_UpdatePublishResourcesStatus) {
	then := p.publishing[string(u.GetUuid().GetValue())]
	if then == nil {
		return // told twice, or of an earlier subscription
	}
	delete(p.publishing, string(u.GetUuid().GetValue()))
	if u.GetStatus() != rpv1.Call_UpdatePublishResourcesStatus_OK {
		then(fmt.Errorf("resource provider %s could not publish its resources", p.id))
		return
	}
	then(nil)
}
