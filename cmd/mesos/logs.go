package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/job"
)

func logsCommand(line string) *cli.Command {
	return &cli.Command{
		Name:  "logs",
		Usage: "show what a task writes",
		UsageText: usageText(line, "$ [-f] TASK_ID [FILE]\n\nExamples:\n"+
			"   $ web.0              its stdout so far; also of a task that has ended\n"+
			"   $ --follow web.0     go on until the task ends\n"+
			"   $ web.0 stderr       another file of its sandbox"),
		Description: exitCodes,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on until the task ends"},
			&cli.StringFlag{Name: "framework", Usage: "`ID` of the task's framework, or its beginning"},
			masterFlag(),
		},
		OnUsageError: onUsageError,
		BashComplete: tasks.complete,
		Action:       showLogs,
	}
}

func showLogs(c *cli.Context) error {
	words, err := arguments(c)
	if err != nil {
		return err
	}
	name := "stdout"
	switch len(words) {
	case 2:
		name = words[1]
	case 1:
	default:
		return usageError(c, "one task is needed, and at most one file: `mesos ps` lists tasks")
	}
	return onState(c, func(ctx context.Context, m *client.Client, s *client.State) error {
		t, err := findTask(s, words[0], c.String("framework"))
		if err != nil {
			if t = findEnded(s, words[0], c.String("framework")); t == nil {
				return err
			}
		}
		l, err := withAgent(s, t)
		if err != nil {
			return err
		}
		file := job.TaskFile{Agent: l.agent.Addr(), FrameworkID: t.FrameworkID, ExecutorID: t.ExecutorID, TaskID: t.ID, Name: name, Credential: m.Credential, TLS: m.TLS}
		if file.ExecutorID == "" {
			file.ExecutorID = t.ID // the agent's own, for this task alone
		}
		ended := make(chan struct{})
		if c.Bool("follow") {
			watching, stopWatching := context.WithCancel(ctx)
			defer stopWatching()
			go watch(watching, m, t, ended)
		} else {
			close(ended)
		}
		err = job.CopyTaskFile(ctx, file, c.App.Writer, ended)
		if errors.Is(err, context.Canceled) {
			return cli.Exit("", exitInterrupted)
		}
		if err != nil {
			return fmt.Errorf("%s of task %s: %w", name, t.ID, err)
		}
		return nil
	})
}

// watch closes ended when a task is over. A master that does not answer for a
// while says nothing about tasks.
func watch(ctx context.Context, m *client.Client, t *client.Task, ended chan<- struct{}) {
	defer close(ended)
	for {
		if s, err := m.State(ctx); err == nil {
			if now := s.Find(t.FrameworkID, t.ID); now == nil || terminalStates[now.State] {
				return
			}
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
	}
}

var terminalStates = map[string]bool{
	"TASK_FINISHED": true, "TASK_FAILED": true, "TASK_KILLED": true, "TASK_ERROR": true, "TASK_LOST": true,
	"TASK_DROPPED": true, "TASK_GONE": true, "TASK_GONE_BY_OPERATOR": true,
}

// findEnded finds the one task with an id that has ended.
func findEnded(s *client.State, id, framework string) *client.Task {
	var found *client.Task
	for _, list := range [][]client.Framework{s.Frameworks, s.Completed} {
		for i := range list {
			for j := range list[i].Ended {
				t := &list[i].Ended[j]
				if len(t.FrameworkID) >= len(framework) && t.FrameworkID[:len(framework)] == framework && t.ID == id {
					found = t
				}
			}
		}
	}
	return found
}
