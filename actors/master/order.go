package master

import (
	"cmp"
	"maps"
	"slices"
)

// inOrder returns who is connected in an order that does not change from run to run.
func inOrder(all map[connected]struct{}) []connected {
	return slices.SortedFunc(maps.Keys(all), func(x, y connected) int { return cmp.Compare(connectedID(x), connectedID(y)) })
}

func connectedID(c connected) string {
	switch c := c.(type) {
	case *agent:
		return c.id
	case *framework:
		return c.id
	}
	return ""
}
