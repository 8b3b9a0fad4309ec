package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"mesos/actors/master/explain"
	"mesos/cmd/mesos/internal/client"
)

const explainUsage = `mesos explain framework|role|agent NAME [-o json]
   mesos explain request [--role R] [--cpus N] [--mem MB] [--disk MB] [--gpus N] [--attribute NAME:TEXT] [-o json]

Examples:
   mesos explain framework marathon
   mesos explain role eng/web
   mesos explain request --role eng --cpus 4 --mem 8192 --attribute rack:a`

const explainDescription = `Says why a framework, role or agent gets the offers that it gets, or where a need of a task
could be met now and what stands in the way on the other agents. Frameworks and agents are named by id; a framework's
name or an agent's hostname will do where only one has it. Who leaves offers unanswered is named as a hoarder.

`

func explainCommand() *cli.Command {
	var wanted list
	flags := func(more ...cli.Flag) []cli.Flag { return append(more, outputFlag(), masterFlag()) }
	one := func(kind, what, example string, into func() any) *cli.Command {
		return &cli.Command{
			Name: kind, Usage: "explain the offers of " + what, ArgsUsage: strings.ToUpper(kind),
			UsageText:   "mesos explain " + kind + " " + strings.ToUpper(kind) + " [-o FORM]\n\nExample:\n   mesos explain " + kind + " " + example,
			Description: exitCodes,
			Flags:       flags(), OnUsageError: onUsageError,
			Action: func(c *cli.Context) error {
				words, err := arguments(c)
				if err != nil {
					return err
				}
				if len(words) != 1 {
					return usageError(c, "which %s? name one, like `mesos explain %s NAME`", kind, kind)
				}
				return showExplanation(c, "/explain/"+kind+"/"+escapePath(words[0]), into())
			},
		}
	}
	return &cli.Command{
		Name: "explain", Usage: "say why offers come or do not come", UsageText: explainUsage, Description: explainDescription + exitCodes,
		Subcommands: []*cli.Command{
			one("framework", "a framework", "marathon", func() any { return &explain.Framework{} }),
			one("role", "a role", "eng/web", func() any { return &explain.Role{} }),
			one("agent", "an agent", "node7", func() any { return &explain.Agent{} }),
			{
				Name: "request", Usage: "say where a need could be met", UsageText: "mesos explain request [flags]\n\nExample:\n   mesos explain request --role eng --cpus 4 --mem 8192", Description: exitCodes, OnUsageError: onUsageError,
				Flags: flags(
					&cli.StringFlag{Name: "role", Value: "*", Usage: "`ROLE` whose resources are used"},
					&cli.StringFlag{Name: "framework", Usage: "`ID` of the framework that asks: its capabilities, constraints and refusals count"},
					&cli.Float64Flag{Name: "cpus", Usage: "`CPUS`"},
					&cli.Float64Flag{Name: "mem", Usage: "`MB` of memory"},
					&cli.Float64Flag{Name: "disk", Usage: "`MB` of disk"},
					&cli.Float64Flag{Name: "gpus", Usage: "`GPUS`"},
					&cli.GenericFlag{Name: "attribute", Value: &wanted, Usage: "`NAME:TEXT` that the agent must have (may be repeated)"},
				),
				Action: func(c *cli.Context) error {
					if err := noArguments(c); err != nil {
						return err
					}
					return showExplanation(c, "/explain/request?"+need(c, wanted).Encode(), &explain.Request{})
				},
			},
		},
		Action: func(c *cli.Context) error {
			return usageError(c, "explain what? framework, role, agent or request")
		},
	}
}

// need is what the command line asks for, as the master reads it.
func need(c *cli.Context, attributes list) url.Values {
	q := url.Values{"role": {c.String("role")}}
	for _, name := range []string{"cpus", "mem", "disk", "gpus"} {
		if c.IsSet(name) {
			q.Set(name, strconv.FormatFloat(c.Float64(name), 'f', -1, 64))
		}
	}
	if id := c.String("framework"); id != "" {
		q.Set("framework_id", id)
	}
	for _, a := range attributes {
		q.Add("attribute", a)
	}
	return q
}

// escapePath keeps the slashes of roles.
func escapePath(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// showExplanation asks the master and prints the summary, or all of it as JSON.
func showExplanation(c *cli.Context, path string, x any) error {
	if err := checkForm(c); err != nil {
		return err
	}
	return onMaster(c, func(ctx context.Context, m *client.Client) error {
		body, err := m.Get(ctx, path)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, x); err != nil {
			return &client.StrangerError{Addr: m.Addr(), Got: fmt.Sprintf("its %s is no JSON that can be read: %v", path, err)}
		}
		if done, err := printed(c, c.App.Writer, x); done {
			return err
		}
		return writeSummary(c.App.Writer, body)
	})
}

// writeSummary prints what an explanation says for people.
func writeSummary(w io.Writer, body []byte) error {
	var summary struct{ Summary []string }
	if err := json.Unmarshal(body, &summary); err != nil {
		return err
	}
	for _, line := range summary.Summary {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
