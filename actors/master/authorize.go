package master

import (
	"net/http"
	"strings"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/authorization"
	"mesos/actors/httpapi"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/resources"
)

// forbidden answers who may not do what he asks for.
func forbidden(denied error) answer { return answer{Code: http.StatusForbidden, Text: denied.Error()} }

// principalOf is whose agent or driver that is, "" if nobody knows.
func (m *Master) principalOf(from actors.UPID) string {
	principal, _ := m.logins.Principal(from)
	return principal
}

// known is a subscription of which it is known whose it is.
type known interface{ Principal() string }

// subject is who a framework is to the rules: the principal that it goes by; where it goes by none, whose its
// subscription is known to be. So nobody gets around a rule about him by leaving his name out.
func (m *Master) subject(info *v1.FrameworkInfo, conn Conn) string {
	if p := info.GetPrincipal(); p != "" {
		return p
	}
	if k, ok := conn.(known); ok {
		return k.Principal()
	}
	return m.principalOf(driverOf(conn))
}

// mayHave says why a framework that subscribes by conn may not have its roles.
func (m *Master) mayHave(info *v1.FrameworkInfo, conn Conn) error {
	if m.conf.Rules == nil {
		return nil
	}
	return m.conf.Rules.Framework(m.subject(info, conn), rolesOf(info))
}

// mayRun says why a framework may not run a task, whose executor is that of its group if it is in one.
func (m *Master) mayRun(f *framework, t *v1.TaskInfo, group *v1.ExecutorInfo) error {
	if m.conf.Rules == nil {
		return nil
	}
	return m.conf.Rules.Task(m.subject(f.info, f.conn), f.info, t, group)
}

// mayOperate says why a framework may not carry out an operation.
func (m *Master) mayOperate(f *framework, op *v1.Offer_Operation, c resources.Conversion) error {
	if m.conf.Rules == nil {
		return nil
	}
	return m.conf.Rules.Operation(m.subject(f.info, f.conn), op, c)
}

// mayEnd says why a principal may not end a framework, or some of what is its. One that is not known is nobody's.
func (m *Master) mayEnd(principal string, f *framework) error {
	if f == nil || m.conf.Rules == nil {
		return nil
	}
	return m.conf.Rules.Check(authorization.TeardownFrameworks, principal, m.subject(f.info, f.conn))
}

func (m *Master) teardownBy(principal, id string) answer {
	if denied := m.mayEnd(principal, m.frameworks[id]); denied != nil {
		return forbidden(denied)
	}
	return m.teardown(id)
}

// may answers itself and reports false unless who asks may do something to all of some objects, "" for any.
func (h *HTTP) may(w http.ResponseWriter, r *http.Request, a authorization.Action, objects ...string) bool {
	for _, o := range objects {
		if denied := h.operator.Rules.Check(a, authentication.Principal(r.Context()), o); denied != nil {
			operator.Forbid(w, denied)
			return false
		}
	}
	return true
}

// mayReach answers itself and reports false unless who asks may see the framework whose REST API he wants, and, where
// he wants more than to read, may end it.
func (h *HTTP) mayReach(w http.ResponseWriter, r *http.Request) bool {
	if h.operator.Rules == nil {
		return true
	}
	id, _, _ := strings.Cut(httpapi.Rest(r), "/")
	principal := authentication.Principal(r.Context())
	denied, err := actors.Call(h.master.p, func() error {
		f := h.master.frameworks[id]
		if f == nil {
			return nil // there is nothing to reach
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			if err := h.master.mayEnd(principal, f); err != nil {
				return err
			}
		}
		return h.operator.Rules.Check(authorization.ViewFrameworks, principal, f.info.GetUser())
	})
	switch {
	case err != nil:
		reply(w, answer{}, err)
	case denied != nil:
		operator.Forbid(w, denied)
	default:
		return true
	}
	return false
}

// onAny are the calls whose rules tell no object from another.
var onAny = map[masterv1.Call_Type]authorization.Action{
	masterv1.Call_MARK_AGENT_GONE:             authorization.MarkAgentsGone,
	masterv1.Call_DRAIN_AGENT:                 authorization.DrainAgents,
	masterv1.Call_DEACTIVATE_AGENT:            authorization.DeactivateAgents,
	masterv1.Call_REACTIVATE_AGENT:            authorization.ReactivateAgents,
	masterv1.Call_UPDATE_MAINTENANCE_SCHEDULE: authorization.UpdateMaintenanceSchedules,
	masterv1.Call_START_MAINTENANCE:           authorization.StartMaintenances,
	masterv1.Call_STOP_MAINTENANCE:            authorization.StopMaintenances,
	masterv1.Call_SET_LOGGING_LEVEL:           authorization.SetLogLevel,
	masterv1.Call_GET_FLAGS:                   authorization.ViewFlags,
}

// mayCall is may for the calls of the operator API that say all that there is to ask. What a TEARDOWN, an operation
// or a change of quotas needs is asked where that is known, and reads are filtered.
func (h *HTTP) mayCall(w http.ResponseWriter, r *http.Request, call *masterv1.Call) bool {
	if h.operator.Rules == nil {
		return true
	}
	if a, found := onAny[call.GetType()]; found {
		return h.may(w, r, a, "")
	}
	if call.GetType() == masterv1.Call_UPDATE_WEIGHTS {
		return h.mayWeigh(w, r, call.GetUpdateWeights())
	}
	return true
}

func (h *HTTP) mayWeigh(w http.ResponseWriter, r *http.Request, u *masterv1.Call_UpdateWeights) bool {
	for _, x := range u.GetWeightInfos() {
		if !h.may(w, r, authorization.UpdateWeights, x.GetRole()) {
			return false
		}
	}
	return true
}
