package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

func killCommand(line string) *cli.Command {
	return &cli.Command{
		Name:      "kill",
		Usage:     "kill tasks, whichever framework they are of",
		ArgsUsage: "TASK_ID…",
		UsageText: usageText(line, "$ TASK_ID... [--framework=ID]\n\nExamples:\n"+
			"   $ sleep-1f3a9c            the beginning of an id is enough, if no other task has it\n"+
			"   $ web.0 --framework=7d2c  the task of that framework"),
		Description: "The task gets SIGTERM, and SIGKILL if it is not gone after its grace period. The command returns when\n" +
			"the master has taken that on; `mesos ps` shows when the task is gone.\n\n" + exitCodes,
		Flags: []cli.Flag{
			frameworkFlag(), masterFlag(),
		},
		OnUsageError: onUsageError,
		BashComplete: tasks.complete,
		Action:       killTasks,
	}
}

func killTasks(c *cli.Context) error {
	names, err := arguments(c)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return usageError(c, "which task? `mesos ps` lists them")
	}
	return onState(c, func(ctx context.Context, m *client.Client, s *client.State) error {
		var found []*client.Task
		for _, name := range names {
			t, err := findTask(s, name, c.String("framework"))
			if err != nil {
				return err // before anything is killed
			}
			found = append(found, t)
		}
		for _, t := range found {
			if err := m.Kill(ctx, t.FrameworkID, t.ID); err != nil {
				return fmt.Errorf("kill of task %s: %w", t.ID, err)
			}
			if _, err := fmt.Fprintf(c.App.Writer, "%s will be killed\n", t.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// findTask finds the one live task that a person means by an id or the beginning of one.
func findTask(s *client.State, name, framework string) (*client.Task, error) {
	var exact, longer, ended []*client.Task
	look := func(tasks []client.Task, live bool) {
		for i := range tasks {
			switch t := &tasks[i]; {
			case !strings.HasPrefix(t.ID, name) || !strings.HasPrefix(t.FrameworkID, framework):
			case !live:
				ended = append(ended, t)
			case t.ID == name:
				exact = append(exact, t)
			default:
				longer = append(longer, t)
			}
		}
	}
	for _, f := range s.Frameworks {
		look(f.Tasks, true)
		look(f.Unreachable, false)
		look(f.Ended, false)
	}
	for _, f := range s.Completed {
		look(f.Ended, false)
	}
	found := exact
	if len(found) == 0 {
		found = longer
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return nil, noSuchTask(name, framework, ended)
	case len(exact) > 0:
		return nil, fmt.Errorf("%d frameworks have a task %s: name one by --framework: %s", len(exact), name, some(exact, func(t *client.Task) string { return t.FrameworkID }))
	}
	return nil, fmt.Errorf("%d tasks begin with %q: write more of the id: %s", len(found), name, some(found, func(t *client.Task) string { return t.ID }))
}

func noSuchTask(name, framework string, ended []*client.Task) error {
	of := ""
	if framework != "" {
		of = fmt.Sprintf(" of a framework whose id begins with %q", framework)
	}
	if len(ended) == 1 {
		return fmt.Errorf("task %s%s does not run any more: it is %s", ended[0].ID, of, shortState(ended[0].State))
	}
	return fmt.Errorf("no task%s that runs has an id beginning with %q: `mesos ps` lists them", of, name)
}
