package zookeeper

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The labels of masters' nodes: the one of today, whose value is JSON, and the one
// of Mesos before 0.24, whose value is protobuf.
const (
	label    = "json.info_"
	oldLabel = "info_"
)

// owner says whose node it is.
type owner uint8

const (
	stranger owner = iota // not of this cluster
	earlier               // of this cluster, by another session
	mine                  // of this session
)

// node is a master's node.
type node struct {
	name   string
	number uint64
	owner  owner
}

// masters are the names of masters' nodes among the children of the path, the
// lowest number first.
func masters(children []string) []node {
	var out []node
	for _, name := range children {
		digits, ok := strings.CutPrefix(name, label)
		if !ok {
			digits, ok = strings.CutPrefix(name, oldLabel)
		}
		if n, err := strconv.ParseUint(digits, 10, 64); ok && err == nil {
			out = append(out, node{name: name, number: n})
		}
	}
	slices.SortFunc(out, func(a, b node) int { return cmp.Or(cmp.Compare(a.number, b.number), strings.Compare(a.name, b.name)) })
	return out
}

// plan is what an announcer does about the nodes that there are.
type plan struct {
	create bool     // a node of its own
	remove []string // nodes that would hide it, or need not be
	rival  string   // the node of a stranger before which nothing may be announced
}

// decide makes the leader's node the lowest, or gives way to strangers. Nodes come in
// the order of masters.
func decide(nodes []node) plan {
	var p plan
	first := slices.IndexFunc(nodes, func(n node) bool { return n.owner == mine })
	for i, n := range nodes {
		before := first < 0 || i < first
		switch {
		case n.owner == stranger && before && p.rival == "":
			p.rival = n.name
		case n.owner == mine && i != first:
			p.remove = append(p.remove, n.name)
		}
	}
	switch {
	case p.rival != "" && first >= 0:
		p.remove = append(p.remove, nodes[first].name)
	case p.rival != "":
	case first < 0:
		p.create = true // the earlier ones go when it is there: clients see a leader all the time
	default:
		for _, n := range nodes[:first] {
			p.remove = append(p.remove, n.name)
		}
	}
	return p
}
