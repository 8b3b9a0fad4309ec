package flags

import (
	"fmt"
	"maps"
	"slices"
)

// SetAll gives flags their values as a command line would, for programs that
// start a daemon inside themselves. Empty values leave the defaults.
func (s *Set) SetAll(values map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if values[name] == "" {
			continue
		}
		if err := s.find(name).set("--"+name, values[name]); err != nil {
			return fmt.Errorf("flag %w", err)
		}
	}
	return s.check()
}
