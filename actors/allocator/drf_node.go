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
	order []*drfNode
	epoch uint64
}

// drfKey ranks a node among its siblings: smaller goes first. Nodes of equal
// key go by name.
type drfKey struct {
	rank  float64 // 0 unless weights are priorities
	share float64
	count int64
}

// newDRFNode makes a child of parent. path is the role's, "" if it is not a
// role: then the node is a leaf unless it is the root or named ".".
func newDRFNode(parent *drfNode, name, path string, weight float64) *drfNode {
	n := &drfNode{parent: parent, name: name, weight: weight}
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

func (n *drfNode) resort() { slices.SortFunc(n.order, compareNodes) }

// stale says that order is not sorted; the next walk sorts it.
func (n *drfNode) stale(epoch uint64) bool { return n.epoch != epoch }

// insert adds an active child to the order.
func (n *drfNode) insert(child *drfNode, epoch uint64) {
	if n.stale(epoch) {
		n.order = append(n.order, child)
		return
	}
	at, _ := slices.BinarySearchFunc(n.order, child, compareNodes)
	n.order = slices.Insert(n.order, at, child)
}

// drop takes a child that is no longer active out of the order.
func (n *drfNode) drop(child *drfNode, epoch uint64) {
	at := n.find(child, epoch)
	n.order = slices.Delete(n.order, at, at+1)
}

// find is the place of a child that is in the order under its key.
func (n *drfNode) find(child *drfNode, epoch uint64) int {
	if n.stale(epoch) {
		return slices.Index(n.order, child)
	}
	at, _ := slices.BinarySearchFunc(n.order, child, compareNodes)
	return at
}

// rekey gives an active child another key and the place that belongs to it. The
// order holds nothing but pointers, so that little is moved.
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
		by, _ := slices.BinarySearchFunc(after, child, compareNodes)
		copy(n.order[from:], after[:by])
		n.order[from+by] = child
		return
	}
	to, _ := slices.BinarySearchFunc(n.order[:from], child, compareNodes)
	copy(n.order[to+1:from+1], n.order[to:from])
	n.order[to] = child
}
