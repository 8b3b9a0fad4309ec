package agent

import (
	"context"
	"net/http"

	"mesos/actors"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
)

// LocalProviders are the resource providers that run in the agent's program, as
// their configurations say; see package localprovider. Errors that are the
// caller's fault are an *operator.Refusal.
type LocalProviders interface {
	// Run runs them until ctx ends, and returns when the last has ended. They call link.
	Run(ctx context.Context, link ProviderLink)
	// Add keeps a configuration and starts its provider; refused with 409 if another of that type and name is there.
	Add(info *v1.ResourceProviderInfo) error
	// Update replaces a configuration and starts its provider anew; refused with 409 if there is none.
	Update(info *v1.ResourceProviderInfo) error
	// Remove forgets a configuration, if it is there, and ends its provider.
	Remove(kind, name string) error
}

// ProviderLink is how a resource provider in this program speaks with the agent.
// Any goroutine but an actor's may call it.
type ProviderLink interface {
	// ProviderCall carries out a call, of the subscription that conn is; 200 or 202, or why it is refused.
	ProviderCall(call *rpv1.Call, conn ProviderConn) (code int, why string)
	// ProviderLost ends a subscription.
	ProviderLost(conn ProviderConn, why string)
}

// ProviderCall is [ProviderLink.ProviderCall].
func (a *Agent) ProviderCall(call *rpv1.Call, conn ProviderConn) (code int, why string) {
	if why := checkProviderCall(call); why != "" {
		return http.StatusBadRequest, why
	}
	ans, err := actors.Call(a.p, func() answer {
		if call.GetType() == rpv1.Call_SUBSCRIBE {
			return a.subscribeProvider(call.GetSubscribe().GetResourceProviderInfo(), conn)
		}
		p := a.providers.all[call.GetResourceProviderId().GetValue()]
		if p == nil || p.conn != conn {
			return answer{Code: http.StatusBadRequest, Text: "the resource provider is not subscribed any more"}
		}
		return a.providerCall(p, call)
	})
	if err != nil {
		return http.StatusServiceUnavailable, "the agent is stopping"
	}
	return ans.Code, ans.Text
}

// ProviderLost is [ProviderLink.ProviderLost].
func (a *Agent) ProviderLost(conn ProviderConn, why string) {
	a.p.Dispatch(func() { a.providerConnLost(conn, why) })
}

// ImageStore is where the images of containers are kept.
type ImageStore interface {
	// Prune deletes the layers that no container needs, but for those of the excluded images.
	Prune(ctx context.Context, excluded []*v1.Image) error
}

// configCall carries out a call about configurations of local providers or about images.
func (h *HTTP) configCall(r *http.Request, call *agentv1.Call) error {
	conf := &h.agent.conf
	if call.GetType() == agentv1.Call_PRUNE_IMAGES {
		if conf.Images == nil {
			return nil // there is no image provider, so there are no images
		}
		return conf.Images.Prune(r.Context(), call.GetPruneImages().GetExcludedImages())
	}
	if conf.LocalProviders == nil {
		return operator.Refuse(http.StatusInternalServerError, "type: call %s needs the agent's flag --resource_provider_config_dir, which is not given", call.GetType())
	}
	switch call.GetType() {
	case agentv1.Call_ADD_RESOURCE_PROVIDER_CONFIG:
		return conf.LocalProviders.Add(call.GetAddResourceProviderConfig().GetInfo())
	case agentv1.Call_UPDATE_RESOURCE_PROVIDER_CONFIG:
		return conf.LocalProviders.Update(call.GetUpdateResourceProviderConfig().GetInfo())
	}
	remove := call.GetRemoveResourceProviderConfig()
	return conf.LocalProviders.Remove(remove.GetType(), remove.GetName())
}

// markGone carries out MARK_RESOURCE_PROVIDER_GONE when that is durable.
func (h *HTTP) markGone(r *http.Request, call *agentv1.Call) error {
	a, told := h.agent, make(chan answer, 1)
	id := call.GetMarkResourceProviderGone().GetResourceProviderId().GetValue()
	a.p.Dispatch(func() { a.markProviderGone(id, func(ans answer) { told <- ans }) })
	select {
	case ans := <-told:
		if ans.Code != http.StatusOK {
			return operator.Refuse(ans.Code, "%s", ans.Text)
		}
		return nil
	case <-a.p.Done():
		return actors.ErrStopped
	case <-r.Context().Done():
		return r.Context().Err()
	}
}
