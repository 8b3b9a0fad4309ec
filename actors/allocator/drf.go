package allocator

import (
	"iter"
	"strings"

	"mesos/messages/resources"
)

func init() {
	Register("hierarchical", func(o PolicyOptions) (Policy, error) { return newDRF(o), nil })
}

// drf is hierarchical dominant resource fairness: at each level of the role
// tree the child with the smallest weighted dominant share goes first, all of it
// before the next child. Below a role stand its sub-roles and, as one more child
// of weight 1 named ".", its own frameworks.
//
// Shares are kept up to date by what changes; the children of a node are kept
// sorted, so that asking for the first costs the depth of the tree.
type drf struct {
	names    map[string]int // resource name -> index in vectors; -1: excluded
	capacity []resources.Quantity
	weights  map[string]float64 // by role path
	root     *drfNode
	table    drfTable
	clients  []*drfNode // leaves by ClientID
	// epoch counts changes of capacity. All shares of a node with another epoch
	// are stale and computed when it is next walked.
	epoch uint64
	delta []drfDelta // scratch
	// among is what Order was asked about last, and each what it gives: made once, since it is asked for each agent.
	among *Set
	each  iter.Seq[ClientID]
	// strict makes weights priorities, see priority.go.
	strict bool
}

type drfDelta struct {
	index int
	q     resources.Quantity
}

func newDRF(o PolicyOptions) *drf {
	d := &drf{names: map[string]int{}, weights: map[string]float64{}}
	for _, name := range o.FairShareExcluded {
		d.names[name] = -1
	}
	d.root = newDRFNode(&d.table, nil, "", "", 1)
	return d
}

func (d *drf) AddClient(id ClientID, c Client) {
	n := d.root
	path := ""
	for name := range strings.SplitSeq(c.Role, "/") {
		if path != "" {
			path += "/"
		}
		path += name
		n = d.child(n, name, path)
	}
	own := n.children["."]
	if own == nil {
		own = newDRFNode(&d.table, n, ".", "", 1)
	}
	leaf := newDRFNode(&d.table, own, c.Framework, "", 1)
	leaf.id = id
	for int(id) >= len(d.clients) {
		d.clients = append(d.clients, nil)
	}
	d.clients[id] = leaf
}

func (d *drf) child(parent *drfNode, name, path string) *drfNode {
	if n := parent.children[name]; n != nil {
		return n
	}
	weight, ok := d.weights[path]
	if !ok {
		weight = 1
	}
	return newDRFNode(&d.table, parent, name, path, weight)
}

func (d *drf) RemoveClient(id ClientID) {
	d.SetActive(id, false)
	n := d.clients[id]
	d.clients[id] = nil
	for n.parent != nil && len(n.children) == 0 {
		delete(n.parent.children, n.name)
		d.table.remove(n)
		n = n.parent
	}
}

func (d *drf) SetActive(id ClientID, active bool) {
	n := d.clients[id]
	if active == (n.active > 0) {
		return
	}
	by := 1
	if !active {
		by = -1
	}
	for ; n != nil; n = n.parent {
		was := n.active > 0
		n.active += by
		if n.parent == nil || was == (n.active > 0) {
			continue
		}
		if was {
			n.parent.drop(n, d.epoch)
		} else {
			n.key = d.keyOf(n)
			n.parent.insert(n, d.epoch)
		}
	}
}

func (d *drf) SetWeight(role string, weight float64) {
	d.weights[role] = weight
	n := d.root
	for name := range strings.SplitSeq(role, "/") {
		if n = n.children[name]; n == nil {
			return
		}
	}
	n.weight = weight
	d.reposition(n)
}

func (d *drf) SetCapacity(total resources.Quantities) {
	clear(d.capacity)
	for name, q := range total.All() {
		if i := d.index(name); i >= 0 {
			d.capacity[i] = q
		}
	}
	d.epoch++
}

// index is the vector index of a resource name, -1 if it does not count.
func (d *drf) index(name string) int {
	i, ok := d.names[name]
	if !ok {
		i = len(d.capacity)
		d.names[name] = i
		d.capacity = append(d.capacity, 0)
	}
	return i
}

func (d *drf) Allocated(id ClientID, q resources.Quantities) {
	d.account(id, q, 1, 1)
}

func (d *drf) Unallocated(id ClientID, q resources.Quantities) {
	d.account(id, q, -1, 0)
}

func (d *drf) account(id ClientID, q resources.Quantities, sign resources.Quantity, times int64) {
	d.delta = d.delta[:0]
	for name, v := range q.All() {
		if i := d.index(name); i >= 0 {
			d.delta = append(d.delta, drfDelta{i, v * sign})
		}
	}
	for n := d.clients[id]; n != nil; n = n.parent {
		for _, x := range d.delta {
			n.hold(x.index, x.q)
		}
		n.count += times
		d.reposition(n)
	}
}

// reposition restores n's place among its siblings after its share, count or
// weight changed.
func (d *drf) reposition(n *drfNode) {
	if n.parent == nil {
		return
	}
	key := d.keyOf(n)
	switch {
	case key == n.key:
	case n.active > 0:
		n.parent.rekey(n, key, d.epoch)
	default:
		n.key = key
	}
}

func (d *drf) share(n *drfNode) float64 {
	share := 0.0
	for i, q := range n.held {
		if d.capacity[i] > 0 {
			share = max(share, float64(q)/float64(d.capacity[i]))
		}
	}
	return share
}

// keyOf is n's key now: its dominant share of the capacity divided by its weight.
func (d *drf) keyOf(n *drfNode) drfKey {
	share := d.share(n)
	if d.strict {
		return drfKey{rank: -n.weight, share: share, count: n.count}
	}
	return drfKey{share: share / n.weight, count: n.count}
}

// Share is the dominant share of a role.
func (d *drf) Share(role string) float64 {
	n := d.root
	for name := range strings.SplitSeq(role, "/") {
		if n = n.children[name]; n == nil {
			return 0
		}
	}
	return d.share(n)
}

func (d *drf) Order(_ string, among *Set) iter.Seq[ClientID] {
	d.among = among
	if d.each == nil {
		d.each = func(yield func(ClientID) bool) { d.walk(d.root, d.among, yield) }
	}
	return d.each
}

func (d *drf) walk(n *drfNode, among *Set, yield func(ClientID) bool) bool {
	if n.stale(d.epoch) {
		for i := range n.order {
			child := d.table.nodes[n.order[i]]
			child.key = d.keyOf(child)
		}
		n.resort()
		n.epoch = d.epoch
	}
	for i := range n.order {
		child := d.table.nodes[n.order[i]]
		if child.children == nil {
			if among.Has(child.id) && !yield(child.id) {
				return false
			}
		} else if !d.walk(child, among, yield) {
			return false
		}
	}
	return true
}
