package job

import (
	"fmt"
	"net/url"

	"mesos/cmd/mesos/internal/client"
	"mesos/messages/resources"
)

// explain says why instances still wait for an offer. state is nil if the master could not be asked.
func (p *plan) explain(subscribed bool, state *client.State) string {
	n := p.count(waiting)
	what := "the task waits"
	if len(p.instances) > 1 {
		what = fmt.Sprintf("%d of %d instances wait", n, len(p.instances))
	}
	need := p.o.atOnce()
	switch {
	case !subscribed:
		return what + ": the master has not taken the subscription yet"
	case p.largest != nil:
		return fmt.Sprintf("%s: no offer fits; needed: %s; the largest offer had %s (agent %s)",
			what, need, seen(p.largest.quantities, need), p.largest.host)
	case state == nil:
		return fmt.Sprintf("%s: no offers come; needed: %s", what, need)
	}
	return fmt.Sprintf("%s: no offers come; needed: %s; %s", what, need, clusterUse(state))
}

// explainPath is where the master explains what stands between an instance and an offer.
func (o *Options) explainPath(frameworkID string) string {
	q := url.Values{"role": {o.Role}, "framework_id": {frameworkID}}
	for _, a := range o.need() {
		if a.quantity > 0 {
			q.Set(a.name, a.quantity.String())
		}
	}
	return "/explain/request?" + q.Encode()
}

// seen prints of an offer what the need names.
func seen(r resources.Resources, n need) string {
	var had need
	for _, a := range n {
		if a.quantity > 0 {
			had = append(had, amount{a.name, r.Filter(plain).Scalar(a.name)})
		}
	}
	if text := had.String(); text != "" {
		return text
	}
	return "none of these"
}

// clusterUse says how full a cluster is.
func clusterUse(s *client.State) string {
	var agents int
	var total, used, offered client.Resources
	for _, a := range s.Agents {
		if !a.Active {
			continue
		}
		agents++
		total.CPUs, total.Mem = total.CPUs+a.Resources.CPUs, total.Mem+a.Resources.Mem
		used.CPUs, used.Mem = used.CPUs+a.Used.CPUs, used.Mem+a.Used.Mem
		offered.CPUs, offered.Mem = offered.CPUs+a.Offered.CPUs, offered.Mem+a.Offered.Mem
	}
	if agents == 0 {
		return "the cluster has no agents"
	}
	text := fmt.Sprintf("in use: %g of %g cpus, %g of %g MB on %d agents", used.CPUs, total.CPUs, used.Mem, total.Mem, agents)
	if offered.CPUs > 0 || offered.Mem > 0 {
		text += fmt.Sprintf(", and %g cpus, %g MB offered to others", offered.CPUs, offered.Mem)
	}
	return text
}
