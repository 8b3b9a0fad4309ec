package containerizer

import "mesos/isolators"

// NetClass is the class of a container's packets, as isolators.Classifier tells it.
func (p *Posix) NetClass(id string) uint32 {
	if p.isolation == nil {
		return 0
	}
	c, can := p.isolation.Set.(isolators.Classifier)
	if !can {
		return 0
	}
	return c.NetClass(id)
}

// NetClass is that of the part that has the container.
func (m *Composing) NetClass(id string) uint32 { return m.of(id).NetClass(id) }
