package view

import (
	"bytes"
	"cmp"
	"slices"

	"mesos/actors/taskjson"
	"mesos/messages/jsonwriter"
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
	shown := taskjson.Task{
		Desc: t.Desc, ID: t.ID, FrameworkID: t.FrameworkID, ExecutorID: t.ExecutorID, AgentID: t.AgentID, State: t.State,
		Resources: t.Resources, Role: t.Role(), Statuses: t.Statuses,
	}
	shown.Write(j)
}
