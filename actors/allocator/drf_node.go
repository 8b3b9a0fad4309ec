package allocator

import (
	"slices"
	"strings"

	"mesos/messages/resources"
)

// drfNode is a role, the frameworks of a role together (named "."), or, as a
// leaf, one framework of a role.
type drfNode struct {
	parent   *drfNode
	name     string
	weight   float64
	id       ClientID
	children map[string]*drfNode // nil for a leaf
	held     []resources.Quantity
	count    int64 // allocations ever made to it or below it
	active   int   // active leaves at or below it
	key      drfKey
	// order are the active children, sorted by key unless epoch is old.
	order []drfRef
	ref   drfRef
	table *drfTable
	epoch uint64
}

// drfKey ranks a node among its siblings: smaller goes first. Nodes of equal
// key go by name.
type drfKey struct {
	rank  float64 // 0 unless weights are priorities
	share float64
	count int64
}

// drfRef stands for a node in an order: numbers are moved faster than pointers,
// which the garbage collector follows.
type drfRef int32

// drfTable gives nodes their numbers.
type drfTable struct {
	nodes []*drfNode // nil where free
	free  []drfRef
}

func (t *drfTable) add(n *drfNode) {
	n.table = t
	if last := len(t.free) - 1; last >= 0 {
		n.ref = t.free[last]
		t.free = t.free[:last]
		t.nodes[n.ref] = n
		return
	}
	n.ref = drfRef(len(t.nodes))
	t.nodes = append(t.nodes, n)
}

func (t *drfTable) remove(n *drfNode) {
	t.nodes[n.ref] = nil
	t.free = append(t.free, n.ref)
}

// newDRFNode makes a child of parent. path is the role's, "" if it is not a
// role: then the node is a leaf unless it is the root or named ".".
func newDRFNode(t *drfTable, parent *drfNode, name, path string, weight float64) *drfNode {
	n := &drfNode{parent: parent, name: name, weight: weight}
	t.add(n)
	if parent == nil || path != "" || name == "." {
		n.children = map[string]*drfNode{}
	}
	if parent != nil {
		parent.children[name] = n
	}
	return n
}

func (n *drfNode) hold(index int, q resources.Quantity) {
	for index >= len(n.held) {
		n.held = append(n.held, 0)
	}
	n.held[index] += q
}

func compareNodes(a, b *drfNode) int {
	if c := a.key.compare(b.key); c != 0 {
		return c
	}
	return strings.Compare(a.name, b.name)
}

func (k drfKey) compare(o drfKey) int {
	switch {
	case k.rank < o.rank:
		return -1
	case k.rank > o.rank:
		return 1
	case k.share < o.share:
		return -1
	case k.share > o.share:
		return 1
	case k.count < o.count:
		return -1
	case k.count > o.count:
		return 1
	}
	return 0
}

func (n *drfNode) resort() {
	slices.SortFunc(n.order, func(a, b drfRef) int { return compareNodes(n.table.nodes[a], n.table.nodes[b]) })
}

// search is where in refs, which are sorted, the child belongs.
func (n *drfNode) search(refs []drfRef, child *drfNode) int {
	at, _ := slices.BinarySearchFunc(refs, child, func(r drfRef, child *drfNode) int { return compareNodes(n.table.nodes[r], child) })
	return at
}

// stale says that order is not sorted; the next walk sorts it.
func (n *drfNode) stale(epoch uint64) bool { return n.epoch != epoch }

// insert adds an active child to the order.
func (n *drfNode) insert(child *drfNode, epoch uint64) {
	if n.stale(epoch) {
		n.order = append(n.order, child.ref)
		return
	}
	n.order = slices.Insert(n.order, n.search(n.order, child), child.ref)
}

// drop takes a child that is no longer active out of the order.
func (n *drfNode) drop(child *drfNode, epoch uint64) {
	at := n.find(child, epoch)
	n.order = slices.Delete(n.order, at, at+1)
}

// find is the place of a child that is in the order under its key.
func (n *drfNode) find(child *drfNode, epoch uint64) int {
	if n.stale(epoch) {
		return slices.Index(n.order, child.ref)
	}
	return n.search(n.order, child)
}

// rekey gives an active child another key and the place that belongs to it.
func (n *drfNode) rekey(child *drfNode, key drfKey, epoch uint64) {
	if n.stale(epoch) {
		child.key = key
		return
	}
	from := n.find(child, epoch)
	up := child.key.compare(key) < 0
	child.key = key
	if up {
		after := n.order[from+1:]
		by := n.search(after, child)
		copy(n.order[from:], after[:by])
		n.order[from+by] = child.ref
		return
	}
	to := n.search(n.order[:from], child)
	copy(n.order[to+1:from+1], n.order[to:from])
	n.order[to] = child.ref
}
