// Package taskjson writes tasks, their statuses and the build of a program in the form of the unversioned endpoints,
// which is the same on master and agent.
//
// Package master/view and package agent build /state and its kin with it. It decides nothing and keeps nothing.
package taskjson

import (
	"maps"
	"slices"

	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Task is what is shown of one task.
type Task struct {
	Desc        *v1.Task // name, limits, user, labels, discovery, container and health check come from here
	ID          string
	FrameworkID string
	ExecutorID  string // "" for command tasks
	AgentID     string
	State       v1.TaskState
	Resources   resources.Resources
	Role        string // "" is left out
	Statuses    []*v1.TaskStatus
}

// Write writes a task.
func (t *Task) Write(j *jsonwriter.Writer) {
	d := t.Desc
	j.Object(func() {
		j.Field("id", t.ID)
		j.Field("name", d.GetName())
		j.Field("framework_id", t.FrameworkID)
		j.Field("executor_id", t.ExecutorID)
		j.Field("slave_id", t.AgentID)
		j.Field("state", t.State.String())
		j.Field("resources", t.Resources)
		Limits(j, d.GetLimits())
		if t.Role != "" {
			j.Field("role", t.Role)
		}
		jsonwriter.List(j, "statuses", t.Statuses, Status)
		Optional(j, "user", d.User)
		Labels(j, d.GetLabels())
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

// Limits writes the member limits, if there are any.
func Limits(j *jsonwriter.Writer, limits map[string]*v1.Value_Scalar) {
	if len(limits) == 0 {
		return
	}
	j.Field("limits", func() {
		j.Object(func() {
			for _, k := range slices.Sorted(maps.Keys(limits)) {
				j.Field(k, limits[k].GetValue())
			}
		})
	})
}

// Status writes one status.
func Status(j *jsonwriter.Writer, s *v1.TaskStatus) {
	j.Object(func() {
		j.Field("state", s.GetState().String())
		j.Field("timestamp", s.GetTimestamp())
		Labels(j, s.GetLabels())
		if c := s.GetContainerStatus(); c != nil {
			j.Field("container_status", func() { containerStatus(j, c) })
		}
		if s.Healthy != nil {
			j.Field("healthy", s.GetHealthy())
		}
	})
}

// containerStatus leaves out what the unversioned endpoints do not show, as executor_pid.
func containerStatus(j *jsonwriter.Writer, c *v1.ContainerStatus) {
	j.Object(func() {
		if c.ContainerId != nil {
			j.Field("container_id", c.ContainerId)
		}
		if len(c.GetNetworkInfos()) > 0 {
			jsonwriter.List(j, "network_infos", c.GetNetworkInfos(), func(j *jsonwriter.Writer, n *v1.NetworkInfo) { j.Value(n) })
		}
		if c.CgroupInfo != nil {
			j.Field("cgroup_info", c.CgroupInfo)
		}
	})
}
