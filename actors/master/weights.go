package master

import (
	"net/http"

	"mesos/actors/allocator"
	"mesos/actors/master/validation"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/registry"
)

// setWeights sets the weights of roles, all or none. done is called on the actor
// when they are durable and count. Offers that were made by other weights are
// taken back if frameworks of the roles are there.
func (m *Master) setWeights(infos []*v1.WeightInfo, done func(answer)) {
	if err := validation.Weights(infos, m.roleAllowed, allocator.CheckWeight); err != nil {
		done(answer{Code: http.StatusBadRequest, Text: err.Error()})
		return
	}
	weights := map[string]float64{}
	for _, w := range infos {
		weights[w.GetRole()] = w.GetWeight()
	}
	m.keep(registry.UpdateWeights(infos...), func(err error) {
		if err != nil {
			done(answer{Code: http.StatusServiceUnavailable, Text: err.Error()})
			return
		}
		changed := m.weightsChange(weights)
		m.applyWeights(weights)
		m.log.Info("weights set", "weights", weights)
		if changed {
			for _, o := range ordered.All(m.offers) {
				m.rescind(o, nil)
			}
		}
		done(answer{Code: http.StatusOK})
	})
}

// weightsChange says whether weights are other than before for a framework.
func (m *Master) weightsChange(weights map[string]float64) bool {
	for role, w := range weights {
		was, ok := m.roleSettings.weights[role]
		if !ok {
			was = 1
		}
		if w == was {
			continue
		}
		for _, f := range m.frameworks {
			for _, r := range f.roles {
				if within(r, role) {
					return true
				}
			}
		}
	}
	return false
}
