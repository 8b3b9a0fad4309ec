package agent

import (
	"context"
	"strings"

	"mesos/actors"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// providerOperations are the types of operations that resource providers carry out.
var providerOperations = []v1.Offer_Operation_Type{
	v1.Offer_Operation_RESERVE, v1.Offer_Operation_UNRESERVE, v1.Offer_Operation_CREATE, v1.Offer_Operation_DESTROY,
	v1.Offer_Operation_CREATE_DISK, v1.Offer_Operation_DESTROY_DISK,
}

var (
	providerPendingDesc = metrics.GaugeDesc("", "Operations that the resource provider has not ended.")
	providerEndedDesc   = &metrics.Desc{Kind: metrics.KindCounter, Help: "Operations of the resource provider by their end."}
)

// providerCounts count ends of operations, by the metric's name.
type providerCounts map[string]float64

// providerMetric is the beginning of the names that tell of a provider's operations.
func providerMetric(p *provider, t v1.Offer_Operation_Type) string {
	return "resource_providers/" + p.name() + "/operations/" + strings.ToLower(t.String()) + "/"
}

// over counts an operation that ended.
func (c providerCounts) over(p *provider, m *v1.Operation) {
	switch s := m.GetLatestStatus().GetState(); s {
	case v1.OperationState_OPERATION_FINISHED, v1.OperationState_OPERATION_FAILED, v1.OperationState_OPERATION_DROPPED:
		c[providerMetric(p, m.GetInfo().GetType())+strings.ToLower(strings.TrimPrefix(s.String(), "OPERATION_"))]++
	}
}

// gatherProviders is a metrics.Source for all resource providers.
func (a *Agent) gatherProviders(_ context.Context, emit func(name string, d *metrics.Desc, value float64)) {
	type numbers struct{ pending, ended map[string]float64 }
	n, err := actors.Call(a.p, func() numbers {
		n := numbers{map[string]float64{}, map[string]float64{}}
		for _, p := range a.providers.all {
			for _, t := range providerOperations {
				name := providerMetric(p, t)
				n.pending[name+"pending"] = 0
				for _, end := range []string{"finished", "failed", "dropped"} {
					n.ended[name+end] = a.providers.ops[name+end]
				}
			}
			unknown := providerMetric(p, v1.Offer_Operation_UNKNOWN) + "dropped"
			n.ended[unknown] = a.providers.ops[unknown]
		}
		for _, o := range a.operations {
			if p := a.providers.all[o.provider]; p != nil && o.forwarded && !states.OperationTerminal(o.m.GetLatestStatus().GetState()) {
				n.pending[providerMetric(p, o.m.GetInfo().GetType())+"pending"]++
			}
		}
		return n
	})
	if err != nil {
		return // the agent is stopping
	}
	for name, v := range n.pending {
		emit(name, providerPendingDesc, v)
	}
	for name, v := range n.ended {
		emit(name, providerEndedDesc, v)
	}
}
