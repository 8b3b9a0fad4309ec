package services

import (
	"maps"
	"slices"
)

// keys are the keys of both maps, sorted.
func keys(x, y map[string]any) []string {
	all := maps.Clone(x)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, y)
	return slices.Sorted(maps.Keys(all))
}
