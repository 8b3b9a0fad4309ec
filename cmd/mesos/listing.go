package main

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

// noun is one kind of thing of the cluster: where its lines come from, what a table tells of them, and how a person
// names one. Its commands are made of it, so that all of them look alike.
type noun[T any] struct {
	name    string                                                             // in the singular
	load    func(ctx context.Context, m *client.Client, all bool) ([]T, error) // all: what has ended, too
	id      func(T) string
	other   func(T) string // another name of it, like an agent's hostname; nil if there is none
	columns []column[T]
	all     string // what --all shows; "" if there is no such flag
}

// list is the command that shows all of them, a line each. examples stand below the usage; $ in them is the command.
func (n noun[T]) list(name, line, usage, text, examples string) *cli.Command {
	var flags []cli.Flag
	if n.all != "" {
		flags = append(flags, allFlag(n.all))
	}
	return &cli.Command{
		Name: name, Usage: usage,
		UsageText:    line + " [-o FORM] [--watch]\n\nExamples:\n" + usageText(line, examples),
		Description:  text + exitCodes,
		Flags:        append(flags, outputFlag(), watchFlag(), masterFlag()),
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return n.look(c, func(ctx context.Context, m *client.Client, out *bytes.Buffer) error {
				lines, err := n.load(ctx, m, c.Bool("all"))
				if err != nil {
					return err
				}
				return printList(c, out, n.columns, lines)
			})
		},
	}
}

// show is the command that tells all of one of them.
func (n noun[T]) show(line, example string) *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "tell all of one " + n.name, ArgsUsage: strings.ToUpper(n.name),
		UsageText:    line + " " + strings.ToUpper(n.name) + " [-o FORM] [--watch]\n\nExample:\n   " + line + " " + example,
		Description:  named + exitCodes,
		Flags:        []cli.Flag{outputFlag(), watchFlag(), masterFlag()},
		OnUsageError: onUsageError,
		BashComplete: n.complete,
		Action: func(c *cli.Context) error {
			word, err := oneArgument(c, n.name)
			if err != nil {
				return err
			}
			return n.look(c, func(ctx context.Context, m *client.Client, out *bytes.Buffer) error {
				line, err := n.find(ctx, m, word)
				if err != nil {
					return err
				}
				return printOne(c, out, n.columns, line)
			})
		},
	}
}

// look asks the master and prints, once or as often as --watch says.
func (n noun[T]) look(c *cli.Context, show func(context.Context, *client.Client, *bytes.Buffer) error) error {
	if err := checkForm(c); err != nil {
		return err
	}
	return onMaster(c, func(ctx context.Context, m *client.Client) error {
		return watched(ctx, c, func(out *bytes.Buffer) error { return show(ctx, m, out) })
	})
}

// find is the one that a person means.
func (n noun[T]) find(ctx context.Context, m *client.Client, word string) (T, error) {
	lines, err := n.load(ctx, m, true)
	if err != nil {
		var none T
		return none, err
	}
	return pick(lines, n.name, word, n.id, n.other)
}

// complete prints the ids for a shell that completes words. A master that does not answer has none.
func (n noun[T]) complete(c *cli.Context) {
	m, err := masterClient(c)
	if err != nil {
		return
	}
	defer m.Close()
	ctx, cancel := context.WithTimeout(c.Context, 2*time.Second)
	defer cancel()
	lines, err := n.load(ctx, m, true)
	if err != nil {
		return
	}
	for _, l := range lines {
		_, _ = c.App.Writer.Write([]byte(n.id(l) + "\n"))
	}
}

// group is the command of a noun, whose subcommands are its verbs.
func group(name, usage string, verbs ...*cli.Command) *cli.Command {
	line := "mesos " + name + " " + verbs[0].Name
	return &cli.Command{
		Name: name, Usage: usage,
		UsageText:    "mesos " + name + " VERB ...\n\nExample:\n   " + line,
		Description:  exitCodes,
		Subcommands:  verbs,
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return cli.ShowSubcommandHelp(c)
			}
			return unknown(c.Args().First(), "mesos "+name, verbs)
		},
	}
}

func allFlag(usage string) cli.Flag {
	return &cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: usage}
}

// fromState makes lines of the cluster's state.
func fromState[T any](lines func(s *client.State, all bool) []T) func(context.Context, *client.Client, bool) ([]T, error) {
	return func(ctx context.Context, m *client.Client, all bool) ([]T, error) {
		s, err := m.State(ctx)
		if err != nil {
			return nil, err
		}
		return lines(s, all), nil
	}
}
