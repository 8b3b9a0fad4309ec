package store

import (
	"encoding/json"
	"slices"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// Completed is an executor that is over. It is history: kept for people who
// look for its tasks and its sandbox, until the sandbox is removed.
type Completed struct {
	Framework   *v1.FrameworkInfo
	ExecutorID  string
	ContainerID string
	Command     bool // made by the agent for one task
	Ended       time.Time
	Info        *v1.ExecutorInfo
	Tasks       []CompletedTask
}

// CompletedTask is a task whose terminal update was acknowledged.
type CompletedTask struct {
	Info     *v1.TaskInfo
	Statuses []*v1.TaskStatus // oldest first
}

// PutCompleted keeps an executor that is over.
func PutCompleted(c Completed) Write {
	row := completedRow{
		ExecutorID: c.ExecutorID, ContainerID: c.ContainerID, Command: c.Command, Ended: c.Ended.UnixNano(),
		Framework: bytesOf(c.Framework), Info: bytesOf(c.Info),
	}
	for _, t := range c.Tasks {
		task := completedTaskRow{Info: bytesOf(t.Info)}
		for _, s := range t.Statuses {
			task.Statuses = append(task.Statuses, bytesOf(s))
		}
		row.Tasks = append(row.Tasks, task)
	}
	return put(completed, pair(c.Framework.GetId().GetValue(), c.ContainerID), toJSON(row))
}

// DeleteCompleted forgets one.
func DeleteCompleted(frameworkID, containerID string) Write {
	return Write{table: completed, key: pair(frameworkID, containerID)}
}

type (
	completedRow struct {
		ExecutorID  string             `json:"executor_id"`
		ContainerID string             `json:"container_id"`
		Command     bool               `json:"command,omitempty"`
		Ended       int64              `json:"ended"` // ns since 1970
		Framework   []byte             `json:"framework"`
		Info        []byte             `json:"info"`
		Tasks       []completedTaskRow `json:"tasks,omitempty"`
	}
	completedTaskRow struct {
		Info     []byte   `json:"info"`
		Statuses [][]byte `json:"statuses,omitempty"`
	}
)

func (s *State) addCompleted(value []byte) error {
	var row completedRow
	if err := json.Unmarshal(value, &row); err != nil {
		return err
	}
	c := Completed{
		ExecutorID: row.ExecutorID, ContainerID: row.ContainerID, Command: row.Command, Ended: time.Unix(0, row.Ended),
		Framework: &v1.FrameworkInfo{}, Info: &v1.ExecutorInfo{},
	}
	if err := decode(row.Framework, c.Framework); err != nil {
		return err
	}
	if err := decode(row.Info, c.Info); err != nil {
		return err
	}
	for _, t := range row.Tasks {
		task := CompletedTask{Info: &v1.TaskInfo{}}
		if err := decode(t.Info, task.Info); err != nil {
			return err
		}
		for _, b := range t.Statuses {
			status := &v1.TaskStatus{}
			if err := decode(b, status); err != nil {
				return err
			}
			task.Statuses = append(task.Statuses, status)
		}
		c.Tasks = append(c.Tasks, task)
	}
	at, _ := slices.BinarySearchFunc(s.Completed, c.Ended, func(have Completed, t time.Time) int { return have.Ended.Compare(t) })
	s.Completed = slices.Insert(s.Completed, at, c)
	return nil
}
