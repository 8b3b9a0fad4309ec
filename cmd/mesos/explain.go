package main

import (
	"encoding/json"
	"fmt"
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
	one := func(kind, what string, into func() any) *cli.Command {
		return &cli.Command{
			Name: kind, Usage: "explain the offers of " + what, ArgsUsage: strings.ToUpper(kind), Flags: flags(), OnUsageError: onUsageError,
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
			one("framework", "a framework", func() any { return &explain.Framework{} }),
			one("role", "a role", func() any { return &explain.Role{} }),
			one("agent", "an agent", func() any { return &explain.Agent{} }),
			{
				Name: "request", Usage: "say where a need could be met", OnUsageError: onUsageError,
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
	if o := c.String("output"); o != "table" && o != "json" {
		return usageError(c, "--output=%s is not known: it is table or json", o)
	}
	m, err := masterClient(c)
	if err != nil {
		return err
	}
	defer m.Close()
	ctx, stop := untilInterrupted(c)
	defer stop()
	body, err := m.Explain(ctx, path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, x); err != nil {
		return &client.StrangerError{Addr: m.Addr(), Got: fmt.Sprintf("its %s is no JSON that can be read: %v", path, err)}
	}
	if c.String("output") == "json" {
		return printJSON(c.App.Writer, x)
	}
	var summary struct{ Summary []string }
	if err := json.Unmarshal(body, &summary); err != nil {
		return err
	}
	for _, line := range summary.Summary {
		if _, err := fmt.Fprintln(c.App.Writer, line); err != nil {
			return err
		}
	}
	return nil
}
