package agent

import (
	"net/http"

	"github.com/google/uuid"

	"mesos/actors"
	"mesos/actors/httpapi"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
)

// resourceProvider serves POST /api/v1/resource_provider.
func (h *HTTP) resourceProvider(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) {
		return
	}
	call := &rpv1.Call{}
	accept, ok := httpapi.ReadCall(w, r, call, maxCallBytes)
	if !ok {
		return
	}
	if why := checkProviderCall(call); why != "" {
		httpapi.Errorf(w, http.StatusBadRequest, "%s.", why)
		return
	}
	if call.GetType() == rpv1.Call_SUBSCRIBE {
		h.subscribeProvider(w, r, call, accept)
		return
	}
	if _, ok := accept.Choose(w); !ok {
		return
	}
	streamID := r.Header.Get(httpapi.StreamIDHeader)
	ans, err := actors.Call(h.agent.p, func() answer {
		p, refused := h.agent.providerCaller(call, streamID)
		if p == nil {
			return refused
		}
		return h.agent.providerCall(p, call)
	})
	reply(w, ans, err)
}

// providerStream is the subscription of a resource provider over HTTP.
type providerStream struct {
	streamConn[*rpv1.Event]
	id string
}

func (c *providerStream) StreamID() string { return c.id }

func (h *HTTP) subscribeProvider(w http.ResponseWriter, r *http.Request, call *rpv1.Call, accept httpapi.Accept) {
	if !httpapi.NewSubscription(w, r) {
		return
	}
	kind, ok := accept.Choose(w)
	if !ok {
		return
	}
	a, conn := h.agent, &providerStream{id: uuid.NewString()}
	ans, err := actors.Call(a.p, func() answer { return a.subscribeProvider(call.GetSubscribe().GetResourceProviderInfo(), conn) })
	if err != nil || ans.Code != http.StatusOK {
		reply(w, ans, err)
		return
	}
	stream := httpapi.NewStream(w, r, kind, http.Header{httpapi.StreamIDHeader: {conn.id}})
	a.p.Dispatch(func() { conn.open(stream) })
	why := "its stream was closed"
	if err := stream.Run(r.Context()); err != nil {
		why = err.Error()
	}
	a.p.Dispatch(func() { a.providerConnLost(conn, why) })
}
