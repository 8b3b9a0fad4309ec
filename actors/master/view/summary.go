package view

import (
	"maps"
	"slices"

	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
)

// counted are the states that /state-summary counts.
var counted = []v1.TaskState{
	v1.TaskState_TASK_STAGING, v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING, v1.TaskState_TASK_KILLING,
	v1.TaskState_TASK_FINISHED, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_FAILED, v1.TaskState_TASK_LOST,
	v1.TaskState_TASK_ERROR, v1.TaskState_TASK_UNREACHABLE,
}

// Summary writes /state-summary.
func (c *Cluster) Summary(j *writer) {
	c.added()
	j.Object(func() {
		j.Field("hostname", c.Master.Info.GetHostname())
		if c.Master.Cluster != "" {
			j.Field("cluster", c.Master.Cluster)
		}
		jsonwriter.List(j, "slaves", c.Agents, func(j *writer, a *Agent) {
			j.Object(func() {
				c.agentFields(j, a)
				c.agent(a.ID).write(j, "framework_ids")
			})
		})
		jsonwriter.List(j, "frameworks", c.Frameworks, func(j *writer, f *Framework) {
			j.Object(func() {
				c.frameworkFields(j, f)
				c.framework(f.ID).write(j, "slave_ids")
			})
		})
	})
}

func (t *tally) write(j *writer, others string) {
	for _, s := range counted {
		j.Field(s.String(), t.states[s])
	}
	j.Field(others, slices.Sorted(maps.Keys(t.others)))
}
