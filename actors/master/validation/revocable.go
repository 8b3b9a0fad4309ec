package validation

import (
	"fmt"

	"mesos/messages/resources"
)

// unmixed refuses resources of one name of which some can be taken back and some cannot: a container has one way to be
// treated.
func unmixed(r resources.Resources) error {
	kept := map[string]bool{}
	for e := range r.NonRevocable().All() {
		kept[e.Name()] = true
	}
	for e := range r.Revocable().All() {
		if kept[e.Name()] {
			return fmt.Errorf("both revocable and other %s: all of one name must be revocable, or none", e.Name())
		}
	}
	return nil
}
