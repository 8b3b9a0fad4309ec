package master

import (
	"fmt"
	"net/http"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/validation"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// updateFramework replaces what a framework says of itself without a new
// subscription. What is refused changes nothing.
func (m *Master) updateFramework(f *framework, u *schedulerv1.Call_UpdateFramework) answer {
	info := u.GetFrameworkInfo()
	if err := m.checkUpdate(f, info, u.GetSuppressedRoles()); err != nil {
		return answer{Code: http.StatusBadRequest, Text: err.Error()}
	}
	if err := m.mayHave(info, f.conn); err != nil {
		return forbidden(err)
	}
	wants, err := m.wishesOf(info, u.GetOfferConstraints())
	if err != nil {
		return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("update_framework.%v", err)}
	}
	m.setInfo(f, proto.CloneOf(info))
	f.wishes = wants
	f.suppressOnly(u.GetSuppressedRoles())
	m.alloc.UpdateFramework(m.allocatorView(f, u.GetSuppressedRoles()))
	for _, o := range ordered.All(f.offers) {
		if !slices.Contains(f.roles, o.role) {
			m.rescind(o, nil) // the framework has left the role
		}
	}
	m.log.Info("framework updated", "framework_id", f.id, "name", info.GetName(), "roles", f.roles, "suppressed_roles", u.GetSuppressedRoles())
	m.tellAgents(f)
	m.announceFramework(f, true)
	return answer{Code: http.StatusOK}
}

// checkUpdate says why a framework cannot become what info says.
func (m *Master) checkUpdate(f *framework, info *v1.FrameworkInfo, suppressed []string) error {
	if id := info.GetId().GetValue(); id != f.id {
		return fmt.Errorf("update_framework.framework_info.id %.100q must be the framework's own id %s", id, f.id)
	}
	if err := validation.Framework(info, suppressed, !m.conf.NoRootSubmissions); err != nil {
		return fmt.Errorf("update_framework: %w", err)
	}
	if err := m.checkRoles(info); err != nil {
		return fmt.Errorf("update_framework: %w", err)
	}
	if was, is := f.info.GetPrincipal(), info.GetPrincipal(); was != is {
		return cannotChange("principal", is, was)
	}
	if was, is := f.info.GetUser(), info.GetUser(); was != is {
		return cannotChange("user", is, was)
	}
	if was, is := f.info.GetCheckpoint(), info.GetCheckpoint(); was != is {
		return cannotChange("checkpoint", is, was)
	}
	return nil
}

func cannotChange(field string, is, was any) error {
	return fmt.Errorf("update_framework.framework_info.%s %#v differs from %#v that the framework subscribed with: it cannot change", field, is, was)
}

// tellAgents tells the agents where a framework has something what it says of
// itself now. One that misses it learns it with the framework's next task.
func (m *Master) tellAgents(f *framework) {
	for id := range ordered.All(m.agentsOf(f)) {
		m.send(m.agents[id], &internalpb.UpdateFrameworkMessage{FrameworkId: ids.Framework(f.id), Pid: proto.String(f.pid), FrameworkInfo: f.info})
	}
}
