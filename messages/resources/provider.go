package resources

import "fmt"

// Own returns what no resource provider has: the agent's own.
func (r Resources) Own() Resources { return r.OfProvider("") }

// Provided returns what resource providers have.
func (r Resources) Provided() Resources {
	return r.Filter(func(e Resource) bool { return e.kind.provider != nil })
}

// OfProvider returns what the resource provider of that id has.
func (r Resources) OfProvider(id string) Resources {
	return r.Filter(func(e Resource) bool { return e.ProviderID() == id })
}

// OneProvider returns the id of the resource provider that has all of r, "" for
// the agent itself. It fails if they are several.
func (r Resources) OneProvider() (string, error) {
	var first string
	for i, e := range r.entries {
		if id := e.ProviderID(); i == 0 {
			first = id
		} else if id != first {
			return "", fmt.Errorf("%v is of the resource providers %q and %q: all resources of an operation must be of one", r.Unallocate(), first, id)
		}
	}
	return first, nil
}
