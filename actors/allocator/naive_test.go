package allocator

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// naive is the rules of the package written down in the simplest way: it keeps
// what was said, and works everything out anew, agent by agent, whenever it is
// asked for offers. The real core is compared with it.
type naive struct {
	o          Options
	frameworks map[string]*naiveFramework
	agents     []*naiveAgent // by arrival
	filters    []naiveFilter
	weights    map[string]float64
	quotas     map[string]Quota
	counts     map[string]int64 // allocations ever, by node of the tree
	strict     bool             // the policy is "priority"
	waitFor    int              // agents, while offers wait after a failover
	waitUntil  time.Time
	windows    map[string]*naiveWindow // by agent
}

// naiveWindow is what frameworks were asked about an agent that will go away.
type naiveWindow struct {
	hours int
	out   map[string]bool
	until map[string]time.Time
}

type naiveFramework struct {
	Framework
	active bool
}

type naiveAgent struct {
	Agent
	active bool
	held   map[Client]resources.Resources
}

type naiveFilter struct {
	client  Client
	agent   string
	refused resources.Resources
	until   time.Time
}

func newNaive(o Options) *naive {
	return &naive{
		o: o.withDefaults(), frameworks: map[string]*naiveFramework{},
		weights: map[string]float64{}, quotas: map[string]Quota{}, counts: map[string]int64{}, windows: map[string]*naiveWindow{},
	}
}

func (n *naive) agent(id string) *naiveAgent {
	for _, a := range n.agents {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// hold notes that a client has more of an agent.
func (n *naive) hold(a *naiveAgent, cl Client, r resources.Resources) {
	r = r.Unallocate().NonShared()
	if r.IsEmpty() {
		return
	}
	a.held[cl] = a.held[cl].Add(r)
	for _, node := range nodes(cl) {
		n.counts[node]++
	}
}

func (n *naive) unhold(a *naiveAgent, cl Client, r resources.Resources) {
	a.held[cl] = a.held[cl].Sub(r.Unallocate().NonShared())
	if a.held[cl].IsEmpty() {
		delete(a.held, cl)
	}
	n.prune()
}

// nodes are the names of a client's nodes in the tree, from the root's child to
// its own.
func nodes(cl Client) []string {
	var path []string
	parts := strings.Split(cl.Role, "/")
	for i := range parts {
		path = append(path, strings.Join(parts[:i+1], "/"))
	}
	return append(path, cl.Role+"/.", cl.Role+"/./"+cl.Framework)
}

// known are the clients in the tree: with the role, or holding something.
func (n *naive) known() map[Client]bool {
	known := map[Client]bool{}
	for id, f := range n.frameworks {
		for _, role := range f.Roles {
			known[Client{id, role}] = true
		}
	}
	for _, a := range n.agents {
		for cl := range a.held {
			known[cl] = true
		}
	}
	return known
}

// prune forgets the counts of nodes that left the tree.
func (n *naive) prune() {
	live := map[string]bool{}
	for cl := range n.known() {
		for _, node := range nodes(cl) {
			live[node] = true
		}
	}
	for node := range n.counts {
		if !live[node] {
			delete(n.counts, node)
		}
	}
}

// dropFilters forgets the filters that match.
func (n *naive) dropFilters(match func(naiveFilter) bool) {
	n.filters = slices.DeleteFunc(n.filters, match)
}

func (n *naive) allocate(now time.Time) []Offer {
	n.dropFilters(func(f naiveFilter) bool { return !now.Before(f.until) })
	if n.waitFor > 0 && len(n.quotas) > 0 && len(n.agents) < n.waitFor && now.Before(n.waitUntil) {
		return nil
	}
	n.waitFor = 0
	var offers []Offer
	for made := -1; made < len(offers); {
		made = len(offers)
		for _, a := range n.agents {
			for a.active {
				o, ok := n.next(a)
				if !ok {
					break
				}
				n.hold(a, Client{o.FrameworkID, o.Role}, o.Resources)
				offers = append(offers, o)
			}
		}
	}
	return offers
}

func (n *naive) next(a *naiveAgent) (Offer, bool) {
	var clients []Client
	for cl := range n.known() {
		f := n.frameworks[cl.Framework]
		if f != nil && f.active && slices.Contains(f.Roles, cl.Role) && !slices.Contains(f.Suppressed, cl.Role) {
			clients = append(clients, cl)
		}
	}
	slices.SortFunc(clients, n.compare)
	// Those whose guarantee lacks some of what is free here go first.
	slices.SortStableFunc(clients, func(x, y Client) int { return cmp.Compare(n.rank(a, x), n.rank(a, y)) })
	for _, cl := range clients {
		if r := n.offerable(a, cl); !r.IsEmpty() {
			return Offer{FrameworkID: cl.Framework, Role: cl.Role, AgentID: a.ID, AgentRun: a.Run, Resources: r.Allocate(cl.Role)}, true
		}
	}
	return Offer{}, false
}

// compare orders clients by the first nodes at which they differ.
func (n *naive) compare(x, y Client) int {
	nx, ny := nodes(x), nodes(y)
	i := 0
	for nx[i] == ny[i] {
		if i++; i == len(nx) {
			return 0
		}
	}
	if c := cmp.Compare(n.priority(ny[i]), n.priority(nx[i])); n.strict && c != 0 {
		return c
	}
	last := func(path string) string { return path[strings.LastIndex(path, "/")+1:] }
	return cmp.Or(
		cmp.Compare(n.share(nx[i]), n.share(ny[i])),
		cmp.Compare(n.counts[nx[i]], n.counts[ny[i]]),
		cmp.Compare(last(nx[i]), last(ny[i])),
	)
}

// priority is that of a node, under the policy of that name.
func (n *naive) priority(node string) float64 {
	if role, framework, ok := strings.Cut(node, "/./"); ok {
		if f := n.frameworks[framework]; f != nil && slices.Contains(f.Roles, role) {
			return f.Priority
		}
		return 0
	}
	if w, ok := n.weights[node]; ok {
		return w
	}
	return 1
}

// share is the weighted dominant share of a node.
func (n *naive) share(node string) float64 {
	capacity, held := map[string]resources.Quantity{}, map[string]resources.Quantity{}
	for _, a := range n.agents {
		sum(capacity, a.Total.NonShared())
		for cl, r := range a.held {
			if slices.Contains(nodes(cl), node) {
				sum(held, r)
			}
		}
	}
	share := 0.0
	for name, q := range held {
		if capacity[name] > 0 && !slices.Contains(n.o.FairShareExcluded, name) {
			share = max(share, float64(q)/float64(capacity[name]))
		}
	}
	if w, ok := n.weights[node]; ok && !n.strict {
		share /= w
	}
	return share
}

func sum(m map[string]resources.Quantity, r resources.Resources) {
	for e := range r.All() {
		m[e.Name()] += e.Quantity()
	}
}

func (n *naive) offerable(a *naiveAgent, cl Client) resources.Resources {
	can := n.frameworks[cl.Framework].Capabilities
	if x := n.frameworks[cl.Framework].Constraints[cl.Role]; x != nil && !x.Admits(&a.Agent) {
		return resources.Resources{}
	}
	if n.o.FilterGPUResources && !can.GPU && a.Total.GPUs() > 0 || a.Remote && !can.RegionAware {
		return resources.Resources{}
	}
	mine := func(e resources.Resource) bool {
		return (!e.IsReserved() || e.Role() == cl.Role || strings.HasPrefix(cl.Role, e.Role()+"/")) &&
			(!e.IsRevocable() || can.Revocable) &&
			(len(e.ReservationStack()) < 2 || can.ReservationRefinement)
	}
	r := n.cut(cl, a.free().Filter(mine))
	if !n.enough(cl, r) {
		return resources.Resources{}
	}
	if can.Shared {
		r = r.Add(a.Total.Shared().Filter(mine))
	}
	for _, f := range n.filters {
		if f.client == cl && f.agent == a.ID && f.refused.Contains(r) {
			return resources.Resources{}
		}
	}
	return r
}

func (a *naiveAgent) free() resources.Resources {
	free := a.Total.NonShared()
	for _, cl := range sortedClients(a.held) {
		free = free.Sub(a.held[cl])
	}
	return free
}

func (n *naive) enough(cl Client, r resources.Resources) bool {
	have := map[string]resources.Quantity{}
	sum(have, r)
	bundles := n.o.MinAllocatable
	if own, ok := n.frameworks[cl.Framework].MinAllocatable[cl.Role]; ok {
		if bundles = own; len(own) == 0 {
			return !r.IsEmpty()
		}
	}
	for _, bundle := range bundles {
		all := true
		for name, q := range bundle.All() {
			all = all && have[name] >= q
		}
		if all {
			return true
		}
	}
	return false
}

// cut takes away what quotas do not allow. The model only has limits on
// resources that can be divided.
func (n *naive) cut(cl Client, r resources.Resources) resources.Resources {
	type limit struct{ role, name string }
	room := map[limit]resources.Quantity{}
	for name, left := range n.beyondHeadroom(cl) {
		room[limit{"", name}] = left
	}
	for role, q := range n.quotas {
		for name, most := range q.Limits {
			if cl.Role == role || strings.HasPrefix(cl.Role, role+"/") {
				room[limit{role, name}] = max(0, most-n.charged(role, name))
			}
		}
	}
	var out resources.Resources
	for i := range r.Len() {
		piece := filterIndex(r, func(k int) bool { return k == i })
		for e := range piece.All() {
			applies := func(l limit) bool {
				if l.name != e.Name() || e.IsRevocable() {
					return false
				}
				return l.role == "" && !e.IsReserved() || l.role != "" && !inRole(e, l.role)
			}
			fits := e.Quantity()
			for l, left := range room {
				if applies(l) {
					fits = min(fits, left)
				}
			}
			for l := range room {
				if applies(l) {
					room[l] -= fits
				}
			}
			switch {
			case fits == e.Quantity():
				out = out.Add(piece)
			case fits > 0:
				out = out.Add(withQuantity(piece, fits))
			}
		}
	}
	return out
}

// charged is what counts against the quota of a role.
func (n *naive) charged(role, name string) resources.Quantity {
	var q resources.Quantity
	for _, a := range n.agents {
		for e := range a.Total.All() {
			if e.Name() == name && !e.IsRevocable() && inRole(e, role) {
				q += e.Quantity()
			}
		}
		for cl, r := range a.held {
			if cl.Role != role && !strings.HasPrefix(cl.Role, role+"/") {
				continue
			}
			for e := range r.All() {
				if e.Name() == name && !e.IsRevocable() && !inRole(e, role) {
					q += e.Quantity()
				}
			}
		}
	}
	return q
}

func inRole(e resources.Resource, role string) bool {
	return e.IsReserved() && (e.Role() == role || strings.HasPrefix(e.Role(), role+"/"))
}

func sortedClients[V any](m map[Client]V) []Client {
	all := make([]Client, 0, len(m))
	for cl := range m {
		all = append(all, cl)
	}
	slices.SortFunc(all, func(a, b Client) int {
		return cmp.Or(cmp.Compare(a.Framework, b.Framework), cmp.Compare(a.Role, b.Role))
	})
	return all
}

func filterIndex(r resources.Resources, keep func(i int) bool) resources.Resources {
	i := -1
	return r.Filter(func(resources.Resource) bool { i++; return keep(i) })
}

// withQuantity is the one plain scalar in r with another amount.
func withQuantity(r resources.Resources, q resources.Quantity) resources.Resources {
	m := proto.CloneOf(r.Proto()[0])
	m.Scalar = &v1.Value_Scalar{Value: proto.Float64(q.Float())}
	out, err := resources.FromProto([]*v1.Resource{m})
	if err != nil {
		panic("part of a valid resource is not valid: " + err.Error())
	}
	return out
}
