package master

import (
	"maps"
	"slices"

	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
)

func writeTaskAt(j *jsonwriter.Writer, t **task) { writeTask(j, *t) }

func writeTask(j *jsonwriter.Writer, t *task) {
	d := t.desc
	j.Object(func() {
		j.Field("id", t.id)
		j.Field("name", d.GetName())
		j.Field("framework_id", t.frameworkID)
		j.Field("executor_id", t.executorID)
		j.Field("slave_id", t.agentID)
		j.Field("state", t.state.String())
		j.Field("resources", t.resources)
		if len(d.GetLimits()) > 0 {
			j.Field("limits", func() {
				j.Object(func() {
					for _, k := range slices.Sorted(maps.Keys(d.GetLimits())) {
						j.Field(k, d.GetLimits()[k].GetValue())
					}
				})
			})
		}
		j.Field("role", t.role())
		list(j, "statuses", t.statuses, writeStatus)
		if d.User != nil {
			j.Field("user", d.GetUser())
		}
		if d.Labels != nil {
			list(j, "labels", d.GetLabels().GetLabels(), writeLabel)
		}
		if d.Discovery != nil {
			j.Field("discovery", d.Discovery)
		}
		if d.Container != nil {
			j.Field("container", d.Container)
		}
		if d.HealthCheck != nil {
			j.Field("health_check", d.HealthCheck)
		}
	})
}

func writeStatus(j *jsonwriter.Writer, at **v1.TaskStatus) {
	s := *at
	j.Object(func() {
		j.Field("state", s.GetState().String())
		j.Field("timestamp", s.GetTimestamp())
		if s.Labels != nil {
			list(j, "labels", s.GetLabels().GetLabels(), writeLabel)
		}
		if c := s.GetContainerStatus(); c != nil {
			j.Field("container_status", func() { writeContainerStatus(j, c) })
		}
		if s.Healthy != nil {
			j.Field("healthy", s.GetHealthy())
		}
	})
}

// writeContainerStatus leaves out what /state does not show, as executor_pid.
func writeContainerStatus(j *jsonwriter.Writer, c *v1.ContainerStatus) {
	j.Object(func() {
		if c.ContainerId != nil {
			j.Field("container_id", c.ContainerId)
		}
		if len(c.GetNetworkInfos()) > 0 {
			list(j, "network_infos", c.GetNetworkInfos(), func(j *jsonwriter.Writer, n **v1.NetworkInfo) { j.Value(*n) })
		}
		if c.CgroupInfo != nil {
			j.Field("cgroup_info", c.CgroupInfo)
		}
	})
}
