package agent

import (
	"cmp"
	"slices"

	"mesos/actors/authorization"
	"mesos/actors/taskjson"
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// writeFramework writes a framework as /state shows it to somebody.
func writeFramework(j *jsonwriter.Writer, f *framework, see *authorization.Sight) {
	j.Object(func() {
		j.Field("id", f.id)
		j.Field("name", f.info.GetName())
		j.Field("user", f.info.GetUser())
		j.Field("failover_timeout", f.info.GetFailoverTimeout())
		j.Field("checkpoint", f.info.GetCheckpoint())
		j.Field("hostname", f.info.GetHostname())
		taskjson.Optional(j, "principal", f.info.Principal)
		if multiRole(f.info) {
			j.Field("roles", f.info.GetRoles())
		} else {
			j.Field("role", f.info.GetRole())
		}
		var live []*executor
		for _, e := range f.executors {
			live = append(live, e)
		}
		slices.SortFunc(live, func(a, b *executor) int { return cmp.Compare(a.id, b.id) })
		hidden := func(e *executor) bool { return !see.Executor(f.info, e.info) }
		write := func(j *jsonwriter.Writer, e *executor) { writeExecutor(j, e, see) }
		jsonwriter.List(j, "executors", slices.DeleteFunc(live, hidden), write)
		jsonwriter.List(j, "completed_executors", slices.DeleteFunc(slices.Clone(f.completed), hidden), write)
	})
}

func multiRole(info *v1.FrameworkInfo) bool {
	return slices.ContainsFunc(info.GetCapabilities(), func(c *v1.FrameworkInfo_Capability) bool {
		return c.GetType() == v1.FrameworkInfo_Capability_MULTI_ROLE
	})
}

func writeExecutor(j *jsonwriter.Writer, e *executor, see *authorization.Sight) {
	var live, queued []*task
	hidden := func(t *task) bool { return !see.TaskInfo(e.f.info, t.info) }
	for _, t := range e.tasks {
		if hidden(t) {
			continue
		}
		if t.queued {
			queued = append(queued, t)
		} else {
			live = append(live, t)
		}
	}
	byID := func(a, b *task) int { return cmp.Compare(a.id(), b.id()) }
	slices.SortFunc(live, byID)
	slices.SortFunc(queued, byID)
	j.Object(func() {
		j.Field("id", e.id)
		j.Field("name", e.info.GetName())
		j.Field("source", e.info.GetSource())
		j.Field("container", e.containerID)
		j.Field("directory", e.sandbox)
		j.Field("resources", e.holds())
		if role := allocationRole(e.info.GetResources()); role != "" {
			j.Field("role", role)
		}
		taskjson.Labels(j, e.info.GetLabels())
		if e.info.Type != nil {
			j.Field("type", e.info.GetType().String())
		}
		jsonwriter.List(j, "tasks", live, writeTask)
		jsonwriter.List(j, "queued_tasks", queued, writeQueued)
		jsonwriter.List(j, "completed_tasks", slices.DeleteFunc(slices.Clone(e.completed), hidden), writeTask)
	})
}

// writeTask writes a task as the master shows it, but for its user, which agents do not tell.
func writeTask(j *jsonwriter.Writer, t *task) {
	shown := taskjson.Task{
		Desc: t.message(), ID: t.id(), FrameworkID: t.frameworkID, ExecutorID: t.info.GetExecutor().GetExecutorId().GetValue(),
		AgentID: t.info.GetAgentId().GetValue(), State: t.state, Role: allocationRole(t.info.GetResources()), Statuses: t.statuses,
	}
	shown.Resources, _ = resources.FromProto(t.info.GetResources()) // validated when they came
	shown.Write(j)
}

// writeQueued writes a task that its executor does not have yet.
func writeQueued(j *jsonwriter.Writer, t *task) {
	res, _ := resources.FromProto(t.info.GetResources()) // validated when they came
	j.Object(func() {
		j.Field("id", t.id())
		j.Field("name", t.info.GetName())
		j.Field("slave_id", t.info.GetAgentId().GetValue())
		j.Field("resources", res)
		taskjson.Limits(j, t.info.GetLimits())
		if role := allocationRole(t.info.GetResources()); role != "" {
			j.Field("role", role)
		}
		if t.info.Command != nil {
			j.Field("command", t.info.Command)
		}
		if e := t.info.GetExecutor(); e != nil {
			j.Field("executor_id", e.GetExecutorId().GetValue())
		}
		if t.info.Discovery != nil {
			j.Field("discovery", t.info.Discovery)
		}
	})
}
