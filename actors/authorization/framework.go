package authorization

import (
	"fmt"
	"slices"
	"strings"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Framework asks whether a framework of a principal may have each of its roles.
func (r *Rules) Framework(principal string, roles []string) error {
	if r == nil {
		return nil
	}
	for _, role := range roles {
		if d := r.check(RegisterFrameworks, principal, role); d != nil {
			return d.say(fmt.Sprintf("Not authorized to use roles '{ %s }'", strings.Join(slices.Sorted(slices.Values(roles)), ", ")))
		}
	}
	return nil
}

// Task asks whether a framework of a principal may run a task as the user that it would run as. executor is that of its group, nil
// for a task alone.
func (r *Rules) Task(principal string, f *v1.FrameworkInfo, t *v1.TaskInfo, executor *v1.ExecutorInfo) error {
	if r == nil {
		return nil
	}
	if executor == nil {
		executor = t.GetExecutor()
	}
	var users []string
	if u := t.GetCommand().GetUser(); u != "" {
		users = append(users, u)
	}
	if executor != nil || len(users) == 0 {
		users = append(users, UserOf(f, executor.GetCommand())) // an executor runs as somebody, too
	}
	for _, user := range users {
		if d := r.check(RunTasks, principal, user); d != nil {
			return d.say(fmt.Sprintf("Not authorized to launch as user '%s'", user))
		}
	}
	return nil
}

// UserOf is the user that a command of a framework, or what runs below it, runs as; nil is one that does not say.
func UserOf(f *v1.FrameworkInfo, c *v1.CommandInfo) string {
	if u := c.GetUser(); u != "" {
		return u
	}
	return f.GetUser()
}

// Agent asks whether an agent may register, and have reserved what it says is reserved.
func (r *Rules) Agent(principal string, has resources.Resources) error {
	if r == nil {
		return nil
	}
	if d := r.check(RegisterAgents, principal, ""); d != nil {
		return d.say("Not authorized to register agent")
	}
	for e := range has.All() {
		if !e.IsReserved() {
			continue
		}
		// What lies below is the agent's own saying; what was reserved at run time was asked for then.
		if first := e.ReservationStack()[0]; first.GetType() == v1.Resource_ReservationInfo_STATIC {
			if d := r.check(ReserveResources, principal, first.GetRole()); d != nil {
				return d.say(fmt.Sprintf("Not authorized to register agent with resources reserved to role '%s'", first.GetRole()))
			}
		}
	}
	return nil
}
