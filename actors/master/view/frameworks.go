package view

import (
	"mesos/actors/taskjson"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// FrameworkList writes /frameworks: all, or the one with the given id.
func (c *Cluster) FrameworkList(j *writer, id string) {
	c.added()
	idOf := func(f *Framework) string { return f.ID }
	j.Object(func() {
		jsonwriter.List(j, "frameworks", only(c.Frameworks, id, idOf), c.writeFramework)
		jsonwriter.List(j, "completed_frameworks", only(c.Completed, id, idOf), c.writeFramework)
		noTasks(j, "unregistered_frameworks")
	})
}

// frameworkFields writes what every endpoint tells of a framework.
func (c *Cluster) frameworkFields(j *writer, f *Framework) {
	j.Field("id", f.ID)
	j.Field("name", f.Info.GetName())
	if f.PID != "" {
		j.Field("pid", f.PID)
	}
	j.Field("used_resources", c.UsedBy(f))
	j.Field("offered_resources", c.OfferedTo(f))
	var caps []string
	for _, c := range f.Info.GetCapabilities() {
		caps = append(caps, c.GetType().String())
	}
	j.Field("capabilities", caps)
	j.Field("hostname", f.Info.GetHostname())
	j.Field("webui_url", f.Info.GetWebuiUrl())
	j.Field("active", f.Active)
	j.Field("connected", f.Connected)
	j.Field("recovered", f.Recovered)
}

func (c *Cluster) writeFramework(j *writer, f *Framework) {
	j.Object(func() {
		c.frameworkFields(j, f)
		j.Field("user", f.Info.GetUser())
		j.Field("failover_timeout", f.Info.GetFailoverTimeout())
		j.Field("checkpoint", f.Info.GetCheckpoint())
		j.Field("registered_time", seconds(f.Registered))
		j.Field("unregistered_time", seconds(f.Unregistered))
		taskjson.Optional(j, "principal", f.Info.Principal)
		j.Field("resources", c.UsedBy(f).Add(c.OfferedTo(f)))
		if !f.Reregistered.IsZero() {
			j.Field("reregistered_time", seconds(f.Reregistered))
		}
		if f.MultiRole {
			j.Field("roles", f.Roles)
		} else {
			j.Field("role", f.Info.GetRole())
		}
		jsonwriter.List(j, "tasks", f.Tasks, writeTask)
		jsonwriter.List(j, "unreachable_tasks", f.Unreachable, writeTask)
		jsonwriter.List(j, "completed_tasks", f.Completed, writeTask)
		jsonwriter.List(j, "offers", f.Offers, writeOffer)
		jsonwriter.List(j, "executors", f.Executors, writeExecutor)
		taskjson.Labels(j, f.Info.GetLabels())
		j.Field("offer_constraints", f.constraints())
	})
}

// constraints are what the framework asked for; nothing if that was nothing.
func (f *Framework) constraints() *schedulerv1.OfferConstraints {
	if f.OfferConstraints == nil {
		return &schedulerv1.OfferConstraints{}
	}
	return f.OfferConstraints
}

func writeOffer(j *writer, o Offer) {
	j.Object(func() {
		j.Field("id", o.ID)
		j.Field("framework_id", o.FrameworkID)
		j.Field("allocation_info", func() { j.Object(func() { j.Field("role", o.Role) }) })
		j.Field("slave_id", o.AgentID)
		j.Field("resources", o.Resources)
	})
}

func writeExecutor(j *writer, e Executor) {
	j.Object(func() {
		if e.Info == nil {
			return // hidden: as Mesos shows it
		}
		j.Field("executor_id", e.Info.GetExecutorId().GetValue())
		j.Field("name", e.Info.GetName())
		j.Field("framework_id", e.Info.GetFrameworkId().GetValue())
		j.Field("command", func() { writeCommand(j, e.Info.GetCommand()) })
		j.Field("resources", e.Resources)
		if role := allocationRole(e.Resources); role != "" {
			j.Field("role", role)
		}
		taskjson.Labels(j, e.Info.GetLabels())
		if e.Info.Type != nil {
			j.Field("type", e.Info.GetType().String())
		}
		j.Field("slave_id", e.AgentID)
	})
}

func writeCommand(j *writer, c *v1.CommandInfo) {
	j.Object(func() {
		if c.GetValue() != "" || c != nil && c.Shell != nil {
			j.Field("shell", c.GetShell())
		}
		if c != nil {
			taskjson.Optional(j, "value", c.Value)
		}
		j.Field("argv", c.GetArguments())
		if c.GetEnvironment() != nil {
			j.Field("environment", c.GetEnvironment())
		}
		jsonwriter.List(j, "uris", c.GetUris(), func(j *writer, u *v1.CommandInfo_URI) {
			j.Object(func() {
				j.Field("value", u.GetValue())
				j.Field("executable", u.GetExecutable())
			})
		})
	})
}
