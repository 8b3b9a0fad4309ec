package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

// order is a command that has the master do something with the words of its line.
type order struct {
	name, line, usage, args, examples, text string
	flags                                   []cli.Flag // beside --master
	min, max                                int        // how many words; max 0 is any number
	complete                                cli.BashCompleteFunc
	do                                      func(ctx context.Context, c *cli.Context, m *client.Client, words []string) (done string, err error)
}

func (o order) command() *cli.Command {
	return &cli.Command{
		Name: o.name, Usage: o.usage, ArgsUsage: o.args,
		UsageText:    o.line + " " + o.args + "\n\nExamples:\n" + usageText(o.line, o.examples),
		Description:  o.text + exitCodes,
		Flags:        append(append([]cli.Flag{}, o.flags...), masterFlag()),
		OnUsageError: onUsageError, BashComplete: o.complete,
		Action: func(c *cli.Context) error {
			words, err := arguments(c)
			if err != nil {
				return err
			}
			if len(words) < o.min || o.max > 0 && len(words) > o.max {
				return usageError(c, "got %d arguments, want %s", len(words), o.args)
			}
			return onMaster(c, func(ctx context.Context, m *client.Client) error {
				done, err := o.do(ctx, c, m, words)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(c.App.Writer, done)
				return err
			})
		},
	}
}

func frameworkTeardownCommand() *cli.Command {
	return order{
		name: "teardown", line: "mesos framework teardown", args: "FRAMEWORK", usage: "end a framework and all its tasks",
		examples: "   $ 0004  what stands behind the last dash of its id is enough", text: named, min: 1, max: 1, complete: frameworks.complete,
		do: func(ctx context.Context, _ *cli.Context, m *client.Client, words []string) (string, error) {
			f, err := frameworks.find(ctx, m, words[0])
			if err != nil {
				return "", err
			}
			part := map[string]any{"framework_id": client.Value{Value: f.FrameworkID}}
			if err := m.Call(ctx, "TEARDOWN", part, nil); err != nil {
				return "", fmt.Errorf("teardown of framework %s: %w", f.FrameworkID, err)
			}
			return f.FrameworkID + " is ended", nil
		},
	}.command()
}
