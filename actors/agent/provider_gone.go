package agent

import (
	"fmt"
	"net/http"

	"mesos/actors/agent/store"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/ordered"
)

// markProviderGone gives a resource provider up for good by an operator's word.
// When that is durable what it has is the agent's no more, it is told to stop,
// and its id never comes back. Nothing of it may be in use, and it must hold no
// volume: nobody could say what becomes of the data.
func (a *Agent) markProviderGone(id string, done func(answer)) {
	const field = "mark_resource_provider_gone.resource_provider_id"
	p := a.providers.all[id]
	switch {
	case a.providers.gone[id]:
		done(answer{Code: http.StatusOK})
		return
	case p == nil:
		done(answer{Code: http.StatusNotFound, Text: fmt.Sprintf("%s: no resource provider %.100q is known", field, id)})
		return
	}
	if why := a.needed(p); why != "" {
		done(answer{Code: http.StatusConflict, Text: fmt.Sprintf("%s: resource provider %s cannot be marked gone: %s", field, id, why)})
		return
	}
	a.providers.gone[id] = true
	delete(a.providers.all, id)
	conn := p.conn
	p.conn, p.told = nil, false
	p.publishLater()
	for _, x := range p.unpublished {
		x.end(fmt.Errorf("resource provider %s was marked gone", id))
	}
	a.log.Warn("resource provider marked gone", "resource_provider_id", id, "type", p.info.GetType(), "name", p.info.GetName())
	a.report()
	a.conf.Store.Commit(func() {
		a.p.Dispatch(func() {
			if conn != nil {
				conn.Send(&rpv1.Event{Type: rpv1.Event_TEARDOWN.Enum()})
				conn.Close()
			}
			done(answer{Code: http.StatusOK})
		})
	}, store.PutProvider(store.Provider{Info: p.info, Gone: true}))
}

// needed says what stands against the end of a provider, "" if nothing.
func (a *Agent) needed(p *provider) string {
	if used := a.usedOf(p.id); !used.IsEmpty() {
		return fmt.Sprintf("tasks use %v of it", used)
	}
	if volumes := p.total.Volumes(); !volumes.IsEmpty() {
		return fmt.Sprintf("it holds the volumes %v: destroy them first", volumes)
	}
	for _, o := range ordered.All(a.operations) {
		if o.provider == p.id && o.forwarded && o.pending() {
			return fmt.Sprintf("the operation %q of type %s is under way", o.m.GetInfo().GetId().GetValue(), o.m.GetInfo().GetType())
		}
	}
	return ""
}
