package oversubscription

import (
	"fmt"

	"mesos/messages/resources"
)

// Fixed lends a fixed amount.
type Fixed struct{ total resources.Resources }

// NewFixed reads its parameter resources, as in "cpus:4;mem:512".
func NewFixed(p Parameters) (*Fixed, error) {
	text, err := p.take("resources")
	if err != nil {
		return nil, err
	}
	r, err := resources.Parse(text, "*")
	if err != nil {
		return nil, fmt.Errorf("parameter resources: %w", err)
	}
	lent := r.Revoked()
	if lent.IsEmpty() || !r.Reserved().IsEmpty() {
		return nil, fmt.Errorf("parameter resources %q: want amounts that are not reserved, as in \"cpus:4;mem:512\"", text)
	}
	return &Fixed{lent}, nil
}

// Oversubscribable implements Estimator: what of the amount is not lent yet.
func (f *Fixed) Oversubscribable(u Usage) resources.Resources { return f.total.Sub(u.Lent()) }
