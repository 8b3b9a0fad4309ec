package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

func taskCommand() *cli.Command {
	return group("task", "see tasks, what they write and why they ended; go into them, end them",
		tasks.list("list", "mesos task list", "list the tasks of the cluster", "", tasksExamples),
		tasks.show("mesos task show", "clock-3f"),
		logsCommand("mesos task logs"),
		execCommand("mesos task exec"),
		attachCommand("mesos task attach"),
		killCommand("mesos task kill"),
		taskWhyCommand(),
	)
}

func taskWhyCommand() *cli.Command {
	return &cli.Command{
		Name: "why", Usage: "say how a task came to be as it is", ArgsUsage: "TASK",
		UsageText: "mesos task why TASK [-o FORM]\n\nExample:\n   mesos task why clock-3f",
		Description: "Shows each state with who told of it, the reason and the message. A task that is only wanted, and not launched yet, is not\n" +
			"known to the master: `mesos explain framework` says why its framework gets no offer for it.\n\n" + named + exitCodes,
		Flags:        []cli.Flag{outputFlag(), masterFlag()},
		OnUsageError: onUsageError,
		BashComplete: tasks.complete,
		Action: func(c *cli.Context) error {
			word, err := oneArgument(c, "task")
			if err != nil {
				return err
			}
			return tasks.look(c, func(ctx context.Context, m *client.Client, out *bytes.Buffer) error {
				return writeWhy(ctx, c, m, word, out)
			})
		},
	}
}

func writeWhy(ctx context.Context, c *cli.Context, m *client.Client, word string, out *bytes.Buffer) error {
	t, err := tasks.find(ctx, m, word)
	if err != nil {
		return fmt.Errorf("%w; one that waits for an offer is explained by `mesos explain framework NAME`", err)
	}
	all, err := m.Tasks(ctx)
	if err != nil {
		return err
	}
	lines := []statusLine{}
	for _, x := range all {
		if x.ID.Value != t.TaskID || x.FrameworkID.Value != t.FrameworkID {
			continue
		}
		for _, s := range x.Statuses {
			lines = append(lines, newStatusLine(s))
		}
	}
	return printList(c, out, statusColumns, lines)
}

// statusLine is a state that a task was in, as `mesos task why -o json` prints it.
type statusLine struct {
	State   string  `json:"state"`
	At      *string `json:"at"` // RFC 3339
	Source  string  `json:"source"`
	Reason  string  `json:"reason"`
	Healthy *bool   `json:"healthy"` // null without a health check
	Message string  `json:"message"`
}

func newStatusLine(s client.TaskStatus) statusLine {
	return statusLine{s.State, stamp(s.Timestamp), s.Source, s.Reason, s.Healthy, s.Message}
}

var statusColumns = []column[statusLine]{
	{name: "STATE", text: func(s statusLine, _ time.Time) string { return shortState(s.State) }, state: true},
	{name: "AT", text: func(s statusLine, _ time.Time) string { return deref(s.At) }},
	{name: "SOURCE", text: func(s statusLine, _ time.Time) string {
		return strings.ToLower(strings.TrimPrefix(s.Source, "SOURCE_"))
	}},
	{name: "REASON", text: func(s statusLine, _ time.Time) string {
		return strings.ToLower(strings.TrimPrefix(s.Reason, "REASON_"))
	}},
	{name: "HEALTHY", text: func(s statusLine, _ time.Time) string {
		if s.Healthy == nil {
			return ""
		}
		return fmt.Sprint(*s.Healthy)
	}},
	{name: "MESSAGE", text: func(s statusLine, _ time.Time) string { return s.Message }},
}
