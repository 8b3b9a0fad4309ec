package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

var frameworks = noun[frameworkLine]{
	name: "framework",
	load: fromState(listFrameworks),
	id:   func(f frameworkLine) string { return f.FrameworkID }, other: func(f frameworkLine) string { return f.Name },
	all: "show frameworks that have ended, too",
	columns: []column[frameworkLine]{
		{name: "FRAMEWORK", text: func(f frameworkLine, _ time.Time) string { return f.FrameworkID }},
		{name: "NAME", text: func(f frameworkLine, _ time.Time) string { return f.Name }},
		{name: "STATE", text: func(f frameworkLine, _ time.Time) string { return f.State }, state: true},
		{name: "AGE", text: func(f frameworkLine, now time.Time) string { return since(f.at, now) }},
		{name: "TASKS", text: func(f frameworkLine, _ time.Time) string { return number(float64(f.Tasks)) }},
		{name: "CPUS", text: func(f frameworkLine, _ time.Time) string { return number(f.Used.CPUs) }},
		{name: "MEM", text: func(f frameworkLine, _ time.Time) string { return number(f.Used.Mem) }},
		{name: "ROLES", text: func(f frameworkLine, _ time.Time) string { return strings.Join(f.Roles, ",") }},
		{name: "USER", text: func(f frameworkLine, _ time.Time) string { return f.User }},
		{name: "DISK", text: func(f frameworkLine, _ time.Time) string { return number(f.Used.Disk) }, wide: true},
		{name: "GPUS", text: func(f frameworkLine, _ time.Time) string { return number(f.Used.GPUs) }, wide: true},
		{name: "REGISTERED", text: func(f frameworkLine, _ time.Time) string { return deref(f.Registered) }, wide: true},
		{name: "UNREGISTERED", text: func(f frameworkLine, _ time.Time) string { return deref(f.Unregistered) }, wide: true},
	},
}

const frameworksExamples = "   $\n" +
	"   $ -a                ended ones too, as far as the master remembers\n" +
	"   $ -o json | jq '.[].framework_id'"

func frameworksCommand() *cli.Command {
	return frameworks.list("frameworks", "mesos frameworks", "list the frameworks and what each uses", "", frameworksExamples)
}

func frameworkCommand() *cli.Command {
	return group("framework", "see frameworks, and end them",
		frameworks.list("list", "mesos framework list", "list the frameworks and what each uses", "", frameworksExamples),
		frameworks.show("mesos framework show", "marathon"),
		frameworkTeardownCommand(),
	)
}

// frameworkLine is a framework as `mesos frameworks -o json` prints it.
type frameworkLine struct {
	FrameworkID  string           `json:"framework_id"`
	Name         string           `json:"name"`
	State        string           `json:"state"`
	User         string           `json:"user"`
	Roles        []string         `json:"roles"`
	Tasks        int              `json:"tasks"` // that run or start
	Used         client.Resources `json:"used"`
	Registered   *string          `json:"registered"`   // RFC 3339
	Unregistered *string          `json:"unregistered"` // RFC 3339; null while it lives

	at time.Time
}

func listFrameworks(s *client.State, all bool) []frameworkLine {
	lines := []frameworkLine{}
	for i := range s.Frameworks {
		f := &s.Frameworks[i]
		lines = append(lines, newFrameworkLine(f, frameworkState(f)))
	}
	for i := range s.Completed {
		if f := &s.Completed[i]; all {
			lines = append(lines, newFrameworkLine(f, "completed"))
		}
	}
	slices.SortStableFunc(lines, func(a, b frameworkLine) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.FrameworkID, b.FrameworkID))
	})
	return lines
}

func frameworkState(f *client.Framework) string {
	switch {
	case f.Active:
		return "active"
	case f.Connected:
		return "inactive"
	case f.Recovered:
		return "recovered" // known from agents; its scheduler has not come back yet
	}
	return "disconnected"
}

func newFrameworkLine(f *client.Framework, state string) frameworkLine {
	l := frameworkLine{
		FrameworkID: f.ID, Name: f.Name, State: state, User: f.User, Roles: f.AllRoles(), Tasks: len(f.Tasks), Used: f.Used,
		Registered: stamp(f.Registered), at: client.Time(f.Registered),
	}
	if state == "completed" {
		l.Unregistered = stamp(f.Unregistered)
	}
	return l
}
