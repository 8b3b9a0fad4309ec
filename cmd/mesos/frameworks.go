package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

func frameworksCommand() *cli.Command {
	return listing[frameworkLine]{
		name: "frameworks", usage: "list the frameworks and what each uses",
		usageText: "mesos frameworks [-a] [-o json]\n\nExamples:\n" +
			"   mesos frameworks\n" +
			"   mesos frameworks -a                ended ones too, as far as the master remembers\n" +
			"   mesos frameworks -o json | jq '.[].framework_id'",
		flags:  []cli.Flag{allFlag("show frameworks that have ended, too")},
		lines:  func(c *cli.Context, s *client.State) []frameworkLine { return listFrameworks(s, c.Bool("all")) },
		header: frameworkHeader, rows: frameworkRows,
	}.command()
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

var frameworkHeader = []string{"FRAMEWORK", "NAME", "STATE", "AGE", "TASKS", "CPUS", "MEM", "ROLES", "USER"}

func frameworkRows(frameworks []frameworkLine, now time.Time) [][]string {
	var rows [][]string
	for _, f := range frameworks {
		rows = append(rows, []string{
			f.FrameworkID, f.Name, f.State, since(f.at, now), number(float64(f.Tasks)), number(f.Used.CPUs), number(f.Used.Mem),
			strings.Join(f.Roles, ","), f.User,
		})
	}
	return rows
}
