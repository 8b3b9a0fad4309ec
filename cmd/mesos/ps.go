package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

func psCommand() *cli.Command {
	return listing[taskLine]{
		name: "ps", usage: "list the tasks of the cluster",
		usageText: "mesos ps [-a] [-o json]\n\nExamples:\n" +
			"   mesos ps                           the tasks that run or start\n" +
			"   mesos ps -a                        ended ones too, as far as the master remembers\n" +
			"   mesos ps -o json | jq '.[].task_id'",
		flags:  []cli.Flag{allFlag("show tasks that have ended, too")},
		lines:  func(c *cli.Context, s *client.State) []taskLine { return listTasks(s, c.Bool("all")) },
		header: taskHeader, rows: taskRows,
	}.command()
}

// taskLine is a task as `mesos ps -o json` prints it.
type taskLine struct {
	TaskID        string  `json:"task_id"`
	Name          string  `json:"name"`
	State         string  `json:"state"`
	FrameworkID   string  `json:"framework_id"`
	FrameworkName string  `json:"framework_name"`
	Role          string  `json:"role"`
	AgentID       string  `json:"agent_id"`
	AgentHostname string  `json:"agent_hostname"`
	CPUs          float64 `json:"cpus"`
	MemMB         float64 `json:"mem_mb"`
	Started       *string `json:"started"` // RFC 3339; null before the first status

	at time.Time
}

// listTasks are the tasks of a state, the oldest first.
func listTasks(s *client.State, all bool) []taskLine {
	hosts := map[string]string{}
	for _, a := range s.Agents {
		hosts[a.ID] = a.Hostname
	}
	lines := []taskLine{}
	add := func(f *client.Framework, tasks []client.Task) {
		for i := range tasks {
			lines = append(lines, newTaskLine(f, &tasks[i], hosts))
		}
	}
	for i := range s.Frameworks {
		f := &s.Frameworks[i]
		add(f, f.Tasks)
		add(f, f.Unreachable)
		if all {
			add(f, f.Ended)
		}
	}
	for i := range s.Completed {
		f := &s.Completed[i]
		add(f, f.Tasks) // its executors are still stopping
		if all {
			add(f, f.Unreachable)
			add(f, f.Ended)
		}
	}
	slices.SortStableFunc(lines, func(a, b taskLine) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.TaskID, b.TaskID))
	})
	return lines
}

func newTaskLine(f *client.Framework, t *client.Task, hosts map[string]string) taskLine {
	l := taskLine{
		TaskID: t.ID, Name: t.Name, State: t.State, FrameworkID: f.ID, FrameworkName: f.Name, Role: t.Role,
		AgentID: t.AgentID, AgentHostname: hosts[t.AgentID], CPUs: t.Resources.CPUs, MemMB: t.Resources.Mem, at: t.Started(),
	}
	if len(t.Statuses) > 0 {
		l.Started = stamp(t.Statuses[0].Timestamp)
	}
	return l
}

var taskHeader = []string{"TASK", "STATE", "AGE", "CPUS", "MEM", "AGENT", "ROLE", "FRAMEWORK"}

func taskRows(tasks []taskLine, now time.Time) [][]string {
	var rows [][]string
	for _, t := range tasks {
		agent := t.AgentHostname
		if agent == "" {
			agent = t.AgentID
		}
		rows = append(rows, []string{t.TaskID, shortState(t.State), since(t.at, now), number(t.CPUs), number(t.MemMB), agent, t.Role, t.FrameworkName})
	}
	return rows
}
