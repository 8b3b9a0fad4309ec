package allocator

func init() {
	Register("priority", func(o PolicyOptions) (Policy, error) { return newPriority(o), nil })
}

// Prioritizer is a [Policy] that ranks clients strictly.
type Prioritizer interface {
	// SetPriority sets the priority of a client among those of its role; it is 0
	// until set.
	SetPriority(id ClientID, priority float64)
	// Outranks says whether a goes before b whatever they hold.
	Outranks(a, b ClientID) bool
}

// priority is strict priority: at each level of the role tree the child of the
// largest weight goes first, as long as it can use anything, and so do the
// frameworks of a role by Framework.Priority. Among equals the smallest dominant
// share goes first, as in hierarchical dominant resource fairness. So a cluster
// whose weights are all equal is shared fairly.
type priority struct{ *drf }

func newPriority(o PolicyOptions) *priority {
	d := newDRF(o)
	d.strict = true
	return &priority{d}
}

func (p *priority) AddClient(id ClientID, c Client) {
	p.drf.AddClient(id, c)
	p.clients[id].weight = 0
	p.reposition(p.clients[id])
}

func (p *priority) SetPriority(id ClientID, priority float64) {
	p.clients[id].weight = priority
	p.reposition(p.clients[id])
}

func (p *priority) Outranks(a, b ClientID) bool {
	x, y := pathOf(p.clients[a]), pathOf(p.clients[b])
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	return i < len(x) && i < len(y) && x[i].weight > y[i].weight
}

// pathOf are the nodes from the root to n.
func pathOf(n *drfNode) []*drfNode {
	if n == nil {
		return nil
	}
	return append(pathOf(n.parent), n)
}
