package master

import (
	"maps"
	"net/http"
	"slices"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/authorization"
	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/resources"
)

// sightOf is what who asks may see; nil if that is all.
func (h *HTTP) sightOf(r *http.Request) view.Sight {
	if s := h.operator.Rules.Sight(authentication.Principal(r.Context())); s != nil {
		return s
	}
	return nil
}

// seenBy is what a read must say in its key: those who may see different things share nothing.
func seenBy(see view.Sight) string {
	if s, ok := see.(*authorization.Sight); ok {
		return " for " + s.Principal()
	}
	return ""
}

// settings are what operators set for roles, as far as who asks may see that.
func (h *HTTP) settings(r *http.Request) (roleSettings, error) {
	s, err := actors.Call(h.master.p, func() roleSettings { return h.master.roleSettings })
	rules, principal := h.operator.Rules, authentication.Principal(r.Context())
	if err != nil || rules == nil {
		return s, err
	}
	s.weights, s.quotas = maps.Clone(s.weights), maps.Clone(s.quotas)
	maps.DeleteFunc(s.weights, func(role string, _ float64) bool { return !rules.Approved(authorization.ViewRoles, principal, role) })
	maps.DeleteFunc(s.quotas, func(role string, _ *quotav1.QuotaConfig) bool {
		return !rules.Approved(authorization.GetQuotas, principal, role)
	})
	return s, nil
}

// scheduleFor is the schedule of maintenance, empty for who may not see it.
func (h *HTTP) scheduleFor(r *http.Request) (*maintenancev1.Schedule, error) {
	if !h.operator.Rules.Approved(authorization.GetMaintenanceSchedules, authentication.Principal(r.Context()), "") {
		return &maintenancev1.Schedule{}, nil
	}
	return actors.Call(h.master.p, h.master.scheduleNow)
}

// statusFor is what becomes of machines, nothing for who may not see it.
func (h *HTTP) statusFor(r *http.Request) (*maintenancev1.ClusterStatus, error) {
	if !h.operator.Rules.Approved(authorization.GetMaintenanceStatuses, authentication.Principal(r.Context()), "") {
		return &maintenancev1.ClusterStatus{}, nil
	}
	return h.status()
}

// operationsFor are the operations that who asks may see: of frameworks and on resources of roles that he may.
func (h *HTTP) operationsFor(r *http.Request) ([]*v1.Operation, error) {
	m, see := h.master, h.sightOf(r)
	return actors.Call(m.p, func() []*v1.Operation {
		list := m.operationList()
		if see == nil {
			return list
		}
		return slices.DeleteFunc(list, func(o *v1.Operation) bool {
			f := m.frameworks[o.GetFrameworkId().GetValue()]
			return f != nil && !see.Framework(f.info) || !rolesSeen(see, o.GetInfo())
		})
	})
}

func rolesSeen(see view.Sight, op *v1.Offer_Operation) bool {
	var on resources.Resources
	var err error
	if resources.IsDiskOperation(op) {
		on, err = resources.DiskSource(op)
	} else {
		var c resources.Conversion
		c, err = resources.Convert(op)
		on = c.Consumed.Add(c.Converted)
	}
	if err != nil {
		return false // it is not known what it is on
	}
	for e := range on.All() {
		if e.IsReserved() && !see.Role(e.Role()) {
			return false
		}
	}
	return true
}
