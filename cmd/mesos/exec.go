package main

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"

	"mesos/actors/attach"
	v1 "mesos/messages/mesos/v1"
)

func execCommand(line string) *cli.Command {
	return &cli.Command{
		Name:  "exec",
		Usage: "run a command beside a task, in its sandbox and with its environment",
		UsageText: usageText(line, "$ [-i] [-t] TASK_ID -- COMMAND [ARGUMENT ...]\n\nExamples:\n"+
			"   $ web.0 -- ls -l              what is in the task's sandbox\n"+
			"   $ -it web.0 -- sh             a shell there\n"+
			"   $ -i web.0 -- tar x <a.tar    put files there"),
		Description: "The command ends when this program does, and goes with the task.\n\n" +
			"Exit codes: that of the command; 128+N if signal N ended it; 1 an error told on stderr; 2 a command line that makes no sense.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "interactive", Aliases: []string{"i"}, Usage: "pass stdin on"},
			&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Usage: "give the command a terminal"},
			frameworkFlag(), masterFlag(),
		},
		UseShortOptionHandling: true,
		OnUsageError:           onUsageError,
		BashComplete:           tasks.complete,
		Action:                 execInTask,
	}
}

func execInTask(c *cli.Context) error {
	words := c.Args().Slice()
	if len(words) > 1 && words[1] == "--" {
		words = append(words[:1:1], words[2:]...)
	}
	if len(words) == 0 {
		return usageError(c, "which task? `mesos ps` lists them")
	}
	if len(words) == 1 {
		return usageError(c, "which command is to be run beside task %s?", words[0])
	}
	return besideTask(c, words[0], func(ctx context.Context, _ *located, parent *v1.ContainerID, a *attach.Agent) error {
		name, direct := uuid.NewString(), false
		s := attach.Session{
			ID:      &v1.ContainerID{Value: &name, Parent: parent},
			Command: &v1.CommandInfo{Shell: &direct, Value: &words[1], Arguments: words[1:]},
			Stdout:  os.Stdout, Stderr: os.Stderr,
		}
		if c.Bool("interactive") {
			s.Stdin.Data = os.Stdin
		}
		if c.Bool("tty") {
			now := size()
			s.TTY = &now
			restore, err := typing(ctx, &s.Stdin)
			if err != nil {
				return err
			}
			defer restore()
		}
		status, known, err := a.Run(ctx, s)
		switch {
		case ctx.Err() != nil:
			return cli.Exit("", exitInterrupted)
		case err != nil:
			return err
		case !known:
			return errors.New("the command has ended, nobody knows how")
		}
		return exitAs(syscall.WaitStatus(status))
	})
}

// exitInterrupted is that of shells after Ctrl-C.
const exitInterrupted = 130

// exitAs ends this program as another did.
func exitAs(ws syscall.WaitStatus) error {
	code := ws.ExitStatus()
	if ws.Signaled() {
		code = 128 + int(ws.Signal())
	}
	if code == 0 {
		return nil
	}
	return cli.Exit("", code)
}
