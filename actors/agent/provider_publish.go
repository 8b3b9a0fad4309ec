package agent

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// publication is something of one provider that is to be usable on this machine.
// It outlives the provider's subscription: the next one is asked again.
type publication struct {
	needed resources.Resources
	then   func(error) // nil when it is over
	cancel func()
}

func (x *publication) end(err error) {
	if then := x.then; then != nil {
		x.then = nil
		x.cancel()
		then(err)
	}
}

// publish has the providers of what is needed make it usable, and calls then on
// the actor: at once if nothing of it is of a provider. One that is away has as
// long to come back as an executor has to subscribe.
func (a *Agent) publish(need []*v1.Resource, then func(error)) {
	r, err := resources.FromProto(need)
	if err != nil {
		then(err)
		return
	}
	ask := map[string]resources.Resources{}
	for e := range r.Provided().All() {
		ask[e.ProviderID()] = r.OfProvider(e.ProviderID()).Unallocate().SharedOnce()
	}
	if len(ask) == 0 {
		then(nil)
		return
	}
	left, over := len(ask), false
	for id, needed := range ordered.All(ask) {
		a.publishOf(id, needed, func(err error) {
			if left--; !over && (err != nil || left == 0) {
				over = true
				then(err)
			}
		})
	}
}

func (a *Agent) publishOf(id string, needed resources.Resources, then func(error)) {
	p := a.providers.all[id]
	if p == nil {
		then(fmt.Errorf("resource provider %s is not known", id))
		return
	}
	x := &publication{needed: needed, then: then}
	limit := a.conf.ExecutorRegistrationTimeout
	x.cancel = a.p.Delay(limit, func() { x.end(fmt.Errorf("resource provider %s did not publish %v within %s", id, needed, limit)) })
	a.askToPublish(p, x)
}

// askToPublish tells a provider all that is in use of it, so that a repeated or
// lost word does no harm. One that is away is told when it is back.
func (a *Agent) askToPublish(p *provider, x *publication) {
	if x.then == nil {
		return
	}
	if !p.present() {
		p.unpublished = append(p.unpublished, x)
		return
	}
	used := a.usedOf(p.id)
	if !used.Contains(x.needed) { // of an executor that is only about to have it
		used = used.Add(x.needed).SharedOnce()
	}
	uuid := a.newUUIDBytes()
	p.publishing[string(uuid)] = x
	p.conn.Send(&rpv1.Event{Type: rpv1.Event_PUBLISH_RESOURCES.Enum(), PublishResources: &rpv1.Event_PublishResources{
		Uuid: &v1.UUID{Value: uuid}, Resources: used.Proto(),
	}})
}

// published goes on with what waited for resources.
func (a *Agent) published(p *provider, u *rpv1.Call_UpdatePublishResourcesStatus) {
	x := p.publishing[string(u.GetUuid().GetValue())]
	if x == nil {
		return // told twice, or of an earlier subscription
	}
	delete(p.publishing, string(u.GetUuid().GetValue()))
	if u.GetStatus() != rpv1.Call_UpdatePublishResourcesStatus_OK {
		x.end(fmt.Errorf("resource provider %s could not publish %v", p.id, x.needed))
		return
	}
	x.end(nil)
}

// publishLater keeps what a provider that goes away has not published.
func (p *provider) publishLater() {
	for uuid, x := range ordered.All(p.publishing) {
		delete(p.publishing, uuid)
		p.unpublished = append(p.unpublished, x)
	}
}

// publishNow asks a provider that is back for all that waits.
func (a *Agent) publishNow(p *provider) {
	waiting := p.unpublished
	p.unpublished = nil
	for _, x := range waiting {
		a.askToPublish(p, x)
	}
}
