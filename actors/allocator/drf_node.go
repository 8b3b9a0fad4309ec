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
	order []drfEntry
	epoch uint64
}

// drfKey ranks a node among its siblings: smaller goes first. Nodes of equal
// key go by name.
type drfKey struct {
	rank  float64 // 0 unless weights are priorities
	share float64
	count int64
}

type drfEntry struct {
	drfKey
	node *drfNode
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

func compareEntries(a, b drfEntry) int {
	switch {
	case a.rank < b.rank:
		return -1
	case a.rank > b.rank:
		return 1
	case a.share < b.share:
		return -1
	case a.share > b.share:
		return 1
	case a.count < b.count:
		return -1
	case a.count > b.count:
		return 1
	}
	return strings.Compare(a.node.name, b.node.name)
}

func (n *drfNode) entry() drfEntry { return drfEntry{n.key, n} }

func (n *drfNode) resort() {
	for i := range n.order {
		n.order[i] = n.order[i].node.entry()
	}
	slices.SortFunc(n.order, compareEntries)
}

// stale says that order is not sorted; the next walk sorts it.
func (n *drfNode) stale(epoch uint64) bool { return n.epoch != epoch }

// insert adds an active child to the order.
func (n *drfNode) insert(child *drfNode, epoch uint64) {
	e := child.entry()
	if n.stale(epoch) {
		n.order = append(n.order, e)
		return
	}
	at, _ := slices.BinarySearchFunc(n.order, e, compareEntries)
	n.order = slices.Insert(n.order, at, e)
}

// drop takes a child that is no longer active out of the order.
func (n *drfNode) drop(child *drfNode, epoch uint64) {
	at := n.find(drfEntry{child.key, child}, epoch)
	n.order = slices.Delete(n.order, at, at+1)
}

// find is the place of a child that is in the order under the given key.
func (n *drfNode) find(e drfEntry, epoch uint64) int {
	if n.stale(epoch) {
		return slices.IndexFunc(n.order, func(o drfEntry) bool { return o.node == e.node })
	}
	at, _ := slices.BinarySearchFunc(n.order, e, compareEntries)
	return at
}

// move puts a child whose key was old where its key now belongs.
func (n *drfNode) move(child *drfNode, old drfKey, epoch uint64) {
	if n.stale(epoch) || child.key == old {
		return
	}
	e := child.entry()
	from := n.find(drfEntry{old, child}, epoch)
	to, _ := slices.BinarySearchFunc(n.order, e, compareEntries)
	if to > from {
		to--
		copy(n.order[from:to], n.order[from+1:to+1])
	} else {
		copy(n.order[to+1:from+1], n.order[to:from])
	}
	n.order[to] = e
}
