package isolators

import v1 "mesos/messages/mesos/v1"

// Networker is an isolator that gives containers networks of their own.
type Networker interface {
	// Networks are those of a container, as its status tells them: what was asked
	// for, with the addresses. None for one in the network of the machine, or
	// that is not known. A nested one that has none of its own has its parent's.
	// The caller must not change the messages.
	Networks(id string) []*v1.NetworkInfo
}

// Networks implements Networker: what the first part knows that knows any.
func (s *Set) Networks(id string) []*v1.NetworkInfo {
	for _, p := range s.parts {
		if n, can := p.(Networker); can {
			if all := n.Networks(id); all != nil {
				return all
			}
		}
	}
	return nil
}
