package rights

import (
	"context"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// NNP is the isolator linux/nnp: no program gives a process of a container more
// rights than it has, whatever bits its file has.
type NNP struct{ isolators.Launching }

var _ isolators.Isolator = (*NNP)(nil)

// Name implements isolators.Isolator.
func (*NNP) Name() string { return "linux/nnp" }

// Prepare implements isolators.Isolator.
func (n *NNP) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	l.NoNewPrivs = true
	return n.Begin(c.ID)
}
