package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"mesos/actors/attach"
	v1 "mesos/messages/mesos/v1"
)

func attachCommand(line string) *cli.Command {
	return &cli.Command{
		Name:  "attach",
		Usage: "connect to the terminal of a task that was started with one",
		UsageText: usageText(line, "$ [--no-stdin] TASK_ID\n\nExamples:\n"+
			"   $ shell.0               Ctrl-P Ctrl-Q leaves the task running\n"+
			"   $ --no-stdin shell.0    only look"),
		Description: "Shows what the task writes from now on, and sends it what is typed. It ends with the task.\n\n" + exitCodes,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "no-stdin", Usage: "send nothing to the task"},
			frameworkFlag(), masterFlag(),
		},
		OnUsageError: onUsageError,
		BashComplete: tasks.complete,
		Action:       attachToTask,
	}
}

func attachToTask(c *cli.Context) error {
	words, err := arguments(c)
	if err != nil {
		return err
	}
	if len(words) != 1 {
		return usageError(c, "one task is needed: `mesos ps` lists them")
	}
	return besideTask(c, words[0], func(ctx context.Context, l *located, id *v1.ContainerID, a *attach.Agent) error {
		var stdin attach.Stdin
		if !c.Bool("no-stdin") {
			stdin = attach.Stdin{Data: os.Stdin, Detach: true}
			restore, err := typing(ctx, &stdin)
			if err != nil {
				return err
			}
			defer restore()
		}
		err := a.Attach(ctx, id, stdin, os.Stdout, os.Stderr)
		switch {
		case errors.Is(err, attach.ErrDetached):
			_, err = fmt.Fprintf(os.Stderr, "\r\nmesos: detached from %s, which runs on\r\n", l.task.ID)
			return err
		case errors.Is(err, context.Canceled):
			return cli.Exit("", exitInterrupted)
		}
		return err
	})
}
