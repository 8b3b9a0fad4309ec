package view

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
)

// TaskQuery chooses what /tasks shows.
type TaskQuery struct {
	FrameworkID, TaskID string // "" = any
	Offset, Limit       int
	Ascending           bool // by the time of the first status; else the newest come first
}

// TaskList writes /tasks.
func (c *Cluster) TaskList(j *writer, q TaskQuery) {
	var found []*Task
	seen := map[string]bool{}
	for _, list := range [][]*Framework{c.Frameworks, c.Completed, c.Leaving} {
		for _, f := range list {
			if seen[f.ID] || q.FrameworkID != "" && f.ID != q.FrameworkID {
				continue
			}
			seen[f.ID] = true
			for _, tasks := range [][]*Task{f.Tasks, f.Unreachable, f.Completed} {
				for _, t := range tasks {
					if q.TaskID == "" || t.ID == q.TaskID {
						found = append(found, t)
					}
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *Task) int {
		order := cmp.Compare(a.firstStatus(), b.firstStatus())
		if !q.Ascending {
			order = -order
		}
		return order
	})
	found = found[min(q.Offset, len(found)):]
	found = found[:min(q.Limit, len(found))]
	j.Object(func() { jsonwriter.List(j, "tasks", found, writeTask) })
}

// firstStatus is in seconds; a task without any comes before all others.
func (t *Task) firstStatus() float64 {
	if len(t.Statuses) == 0 {
		return 0
	}
	return t.Statuses[0].GetTimestamp()
}

// writeTask writes the task's text, which is made once.
func writeTask(j *writer, t *Task) {
	text := t.text.Load()
	if text == nil {
		var own writer
		t.write(&own)
		b, err := own.Bytes()
		if err != nil {
			t.write(j) // fails again, where it is noticed
			return
		}
		b = bytes.Clone(b) // to size
		text = &b
		t.text.Store(text)
	}
	j.Raw(func(b []byte) []byte { return append(b, *text...) })
}

func (t *Task) write(j *writer) {
	d := t.Desc
	j.Object(func() {
		j.Field("id", t.ID)
		j.Field("name", d.GetName())
		j.Field("framework_id", t.FrameworkID)
		j.Field("executor_id", t.ExecutorID)
		j.Field("slave_id", t.AgentID)
		j.Field("state", t.State.String())
		j.Field("resources", t.Resources)
		if len(d.GetLimits()) > 0 {
			j.Field("limits", func() {
				j.Object(func() {
					for _, k := range slices.Sorted(maps.Keys(d.GetLimits())) {
						j.Field(k, d.GetLimits()[k].GetValue())
					}
				})
			})
		}
		j.Field("role", t.Role())
		jsonwriter.List(j, "statuses", t.Statuses, writeStatus)
		optional(j, "user", d.User)
		labels(j, d.GetLabels())
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

func writeStatus(j *writer, s *v1.TaskStatus) {
	j.Object(func() {
		j.Field("state", s.GetState().String())
		j.Field("timestamp", s.GetTimestamp())
		labels(j, s.GetLabels())
		if c := s.GetContainerStatus(); c != nil {
			j.Field("container_status", func() { writeContainerStatus(j, c) })
		}
		if s.Healthy != nil {
			j.Field("healthy", s.GetHealthy())
		}
	})
}

// writeContainerStatus leaves out what the unversioned endpoints do not show, as executor_pid.
func writeContainerStatus(j *writer, c *v1.ContainerStatus) {
	j.Object(func() {
		if c.ContainerId != nil {
			j.Field("container_id", c.ContainerId)
		}
		if len(c.GetNetworkInfos()) > 0 {
			jsonwriter.List(j, "network_infos", c.GetNetworkInfos(), func(j *writer, n *v1.NetworkInfo) { j.Value(n) })
		}
		if c.CgroupInfo != nil {
			j.Field("cgroup_info", c.CgroupInfo)
		}
	})
}
