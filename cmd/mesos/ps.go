package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

var tasks = noun[taskLine]{
	name: "task",
	load: fromState(listTasks),
	id:   func(t taskLine) string { return t.TaskID },
	all:  "show tasks that have ended, too",
	columns: []column[taskLine]{
		{name: "TASK", text: func(t taskLine, _ time.Time) string { return t.TaskID }},
		{name: "STATE", text: func(t taskLine, _ time.Time) string { return shortState(t.State) }, state: true},
		{name: "AGE", text: func(t taskLine, now time.Time) string { return since(t.at, now) }},
		{name: "CPUS", text: func(t taskLine, _ time.Time) string { return number(t.CPUs) }},
		{name: "MEM", text: func(t taskLine, _ time.Time) string { return number(t.MemMB) }},
		{name: "AGENT", text: func(t taskLine, _ time.Time) string { return cmp.Or(t.AgentHostname, t.AgentID) }},
		{name: "ROLE", text: func(t taskLine, _ time.Time) string { return t.Role }},
		{name: "FRAMEWORK", text: func(t taskLine, _ time.Time) string { return t.FrameworkName }},
		{name: "NAME", text: func(t taskLine, _ time.Time) string { return t.Name }, wide: true},
		{name: "STARTED", text: func(t taskLine, _ time.Time) string { return deref(t.Started) }, wide: true},
		{name: "ADDRESS", text: func(t taskLine, _ time.Time) string { return strings.Join(t.Addresses, ",") }, wide: true},
		{name: "AGENT_ID", text: func(t taskLine, _ time.Time) string { return t.AgentID }, wide: true},
		{name: "FRAMEWORK_ID", text: func(t taskLine, _ time.Time) string { return t.FrameworkID }, wide: true},
	},
}

const tasksExamples = "   $                           the tasks that run or start\n" +
	"   $ -a                        ended ones too, as far as the master remembers\n" +
	"   $ -o json | jq '.[].task_id'"

func psCommand() *cli.Command {
	return tasks.list("ps", "mesos ps", "list the tasks of the cluster", "", tasksExamples)
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
	// Addresses are the IPs of the task's container, the agent's where it has none of its own.
	Addresses []string `json:"addresses"`

	at time.Time
}

// listTasks are the tasks of a state, the oldest first.
func listTasks(s *client.State, all bool) []taskLine {
	lines, hosts := []taskLine{}, hostnames(s)
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
		Addresses: append([]string{}, t.Addresses()...),
	}
	if len(t.Statuses) > 0 {
		l.Started = stamp(t.Statuses[0].Timestamp)
	}
	return l
}
