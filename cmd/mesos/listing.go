package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
	"mesos/cmd/mesos/internal/table"
)

// listing is a command that shows one kind of thing of the cluster, a line each.
type listing[T any] struct {
	name, usage, usageText, description string
	flags                               []cli.Flag // beside --output and --master
	lines                               func(c *cli.Context, s *client.State) []T
	header                              []string
	rows                                func(lines []T, now time.Time) [][]string
}

func (l listing[T]) command() *cli.Command {
	return &cli.Command{
		Name: l.name, Usage: l.usage, UsageText: l.usageText, Description: l.description + exitCodes,
		Flags:        append(l.flags, outputFlag(), masterFlag()),
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			s, err := fetchState(c)
			if err != nil {
				return err
			}
			lines := l.lines(c, s)
			if c.String("output") == "json" {
				return printJSON(c.App.Writer, lines)
			}
			return table.Write(c.App.Writer, l.header, l.rows(lines, time.Now()))
		},
	}
}

func allFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: usage}
}
