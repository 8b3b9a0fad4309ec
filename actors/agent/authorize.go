package agent

import (
	"net/http"
	"slices"
	"strings"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/authorization"
	"mesos/actors/httpapi"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/ordered"
)

// sightOf is what who asks may see; nil if that is all.
func (h *HTTP) sightOf(r *http.Request) *authorization.Sight {
	return h.operator.Rules.Sight(authentication.Principal(r.Context()))
}

// onAny are the calls whose rules tell no object from another.
var onAny = map[agentv1.Call_Type]authorization.Action{
	agentv1.Call_GET_FLAGS:                       authorization.ViewFlags,
	agentv1.Call_SET_LOGGING_LEVEL:               authorization.SetLogLevel,
	agentv1.Call_ADD_RESOURCE_PROVIDER_CONFIG:    authorization.ModifyResourceProviderConfs,
	agentv1.Call_UPDATE_RESOURCE_PROVIDER_CONFIG: authorization.ModifyResourceProviderConfs,
	agentv1.Call_REMOVE_RESOURCE_PROVIDER_CONFIG: authorization.ModifyResourceProviderConfs,
	agentv1.Call_MARK_RESOURCE_PROVIDER_GONE:     authorization.MarkResourceProvidersGone,
	agentv1.Call_PRUNE_IMAGES:                    authorization.PruneImages,
}

// mayCall answers itself and reports false unless who asks may make a call that is not about containers. Reads are
// filtered.
func (h *HTTP) mayCall(w http.ResponseWriter, r *http.Request, call *agentv1.Call) bool {
	if a, found := onAny[call.GetType()]; found {
		if denied := h.operator.Rules.Check(a, authentication.Principal(r.Context()), ""); denied != nil {
			operator.Forbid(w, denied)
			return false
		}
	}
	return true
}

// rights are what a call about a container takes: for one of an executor by the user of that, and where something is
// launched by the user that this runs as; for a standalone one, and what is nested there, by the user of that.
type rights struct{ nested, launch, standalone authorization.Action }

func rightsFor(t agentv1.Call_Type) rights {
	switch t {
	case agentv1.Call_LAUNCH_CONTAINER, agentv1.Call_LAUNCH_NESTED_CONTAINER:
		return rights{authorization.LaunchNestedUnderParentWithUser, authorization.LaunchNestedAsUser, authorization.LaunchStandaloneContainers}
	case agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION:
		return rights{authorization.LaunchSessionUnderParent, authorization.LaunchSessionAsUser, authorization.LaunchStandaloneContainers}
	case agentv1.Call_WAIT_CONTAINER, agentv1.Call_WAIT_NESTED_CONTAINER:
		return rights{nested: authorization.WaitNestedContainers, standalone: authorization.WaitStandaloneContainers}
	case agentv1.Call_KILL_CONTAINER, agentv1.Call_KILL_NESTED_CONTAINER:
		return rights{nested: authorization.KillNestedContainers, standalone: authorization.KillStandaloneContainers}
	case agentv1.Call_REMOVE_CONTAINER, agentv1.Call_REMOVE_NESTED_CONTAINER:
		return rights{nested: authorization.RemoveNestedContainers, standalone: authorization.RemoveStandaloneContainers}
	case agentv1.Call_ATTACH_CONTAINER_INPUT:
		return rights{nested: authorization.AttachContainersInput, standalone: authorization.AttachContainersInput}
	default: // ATTACH_CONTAINER_OUTPUT is the last of them
		return rights{nested: authorization.AttachContainersOutput, standalone: authorization.AttachContainersOutput}
	}
}

// launchedBy is what a call launches, nil if nothing.
func launchedBy(call *agentv1.Call) *v1.CommandInfo {
	switch call.GetType() {
	case agentv1.Call_LAUNCH_CONTAINER:
		return call.GetLaunchContainer().GetCommand()
	case agentv1.Call_LAUNCH_NESTED_CONTAINER:
		return call.GetLaunchNestedContainer().GetCommand()
	}
	return call.GetLaunchNestedContainerSession().GetCommand()
}

// mayContain answers itself and reports false unless who asks may do with a container what a call says.
func (h *HTTP) mayContain(w http.ResponseWriter, r *http.Request, call *agentv1.Call, id *v1.ContainerID) bool {
	rules := h.operator.Rules
	if _, executor := authentication.ExecutorOf(r.Context()); rules == nil || executor { // see notTheirs
		return true
	}
	principal := authentication.Principal(r.Context())
	denied, err := actors.Call(h.agent.p, func() error {
		if h.agent.recovering {
			return operator.Refuse(http.StatusServiceUnavailable, "The agent is recovering.")
		}
		return h.agent.mayContain(rules, principal, call, id)
	})
	switch refused, is := denied.(*operator.Refusal); { //nolint:errorlint // it is made above
	case err != nil:
		operator.WriteError(w, "agent", err)
	case is:
		httpapi.Errorf(w, refused.Code, "%s", refused.Text)
	case denied != nil:
		operator.Forbid(w, denied)
	default:
		return true
	}
	return false
}

func (a *Agent) mayContain(rules *authorization.Rules, principal string, call *agentv1.Call, id *v1.ContainerID) error {
	need, root := rightsFor(call.GetType()), rootKey(innerKey(id))
	e, inner := a.executorWith(root), a.inner[root]
	switch {
	case e != nil:
		user := authorization.UserOf(e.f.info, e.info.GetCommand())
		if err := rules.Check(need.nested, principal, user); err != nil || need.launch == "" {
			return err
		}
		if u := launchedBy(call).GetUser(); u != "" {
			user = u
		}
		return rules.Check(need.launch, principal, user)
	case inner != nil || id.GetParent() == nil && need.launch != "":
		user := launchedBy(call).GetUser()
		if inner != nil && (user == "" || need.launch == "") {
			user = inner.call.GetCommand().GetUser()
		}
		return rules.Check(need.standalone, principal, user)
	}
	// Nobody knows any more whose it was.
	if err := rules.CheckAll(need.standalone, principal); err != nil {
		return err
	}
	return rules.CheckAll(need.nested, principal)
}

// containersFor are the containers that who asks may see.
func (h *HTTP) containersFor(r *http.Request, list []containerView) []containerView {
	rules, principal := h.operator.Rules, authentication.Principal(r.Context())
	if rules == nil {
		return list
	}
	return slices.DeleteFunc(list, func(v containerView) bool {
		a := authorization.ViewContainers
		if v.frameworkID == "" {
			a = authorization.ViewStandaloneContainers
		}
		return !rules.Approved(a, principal, v.user)
	})
}

// providersFor are the resource providers, on the actor; none for who may not see them.
func (h *HTTP) providersFor(r *http.Request) *agentv1.Response_GetResourceProviders {
	if !h.operator.Rules.Approved(authorization.ViewResourceProviders, authentication.Principal(r.Context()), "") {
		return &agentv1.Response_GetResourceProviders{}
	}
	return h.agent.providerProtos()
}

// sandboxUser is who the executor runs as whose sandbox is shown under a path.
func (h *HTTP) sandboxUser(shown string) (user string, known bool) {
	if !h.gate.IsOpen() {
		return "", false
	}
	a := h.agent
	_, err := actors.Call(a.p, func() struct{} {
		a.eachExecutor(func(e *executor, _ bool) {
			if shown == e.sandbox || slices.Contains(e.virtual, shown) || strings.HasPrefix(shown, e.sandbox+"/") && e.sandbox != "" {
				user, known = authorization.UserOf(e.f.info, e.info.GetCommand()), true
			}
		})
		for _, c := range ordered.All(a.inner) {
			if c.sandbox == shown && !known {
				user, known = c.call.GetCommand().GetUser(), true
			}
		}
		return struct{}{}
	})
	return user, known && err == nil
}
