package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

var quotas = noun[client.Role]{
	name: "quota", id: roles.id,
	load: func(ctx context.Context, m *client.Client, _ bool) ([]client.Role, error) {
		all, err := m.Roles(ctx)
		return slices.DeleteFunc(all, func(r client.Role) bool { return len(r.Quota.Limit)+len(r.Quota.Guarantee) == 0 }), err
	},
	columns: []column[client.Role]{
		{name: "ROLE", text: func(r client.Role, _ time.Time) string { return r.Name }},
		{name: "LIMIT", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Quota.Limit) }},
		{name: "GUARANTEE", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Quota.Guarantee) }},
		{name: "CONSUMED", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Quota.Consumed) }},
	},
}

func quotaCommand() *cli.Command {
	return group("quota", "see and set what a role gets at most and at least",
		quotas.list("list", "mesos quota list", "list the roles that have a quota", "Memory and disk are in MB.\n\n", "   $\n   $ -o yaml"),
		quotas.show("mesos quota show", "eng"),
		order{
			name: "set", line: "mesos quota set", args: "ROLE [NAME=AMOUNT...]", usage: "set the quota of a role, in place of what it has",
			examples: "   $ eng cpus=100 mem=409600              it gets no more than that\n   $ eng cpus=100 --guarantee cpus=20     and 20 cpus are kept for it",
			text:     "NAME=AMOUNT is a limit; memory and disk are in MB.\n\n", min: 1,
			flags: []cli.Flag{
				&cli.StringSliceFlag{Name: "guarantee", Aliases: []string{"g"}, Usage: "`NAME=AMOUNT` that is kept for the role (may be repeated)"},
				&cli.BoolFlag{Name: "force", Usage: "even if the role uses more, or the cluster has less"},
			},
			complete: roles.complete,
			do: func(ctx context.Context, c *cli.Context, m *client.Client, words []string) (string, error) {
				limits, err := quotaAmounts(words[1:])
				if err != nil {
					return "", usageError(c, "%v", err)
				}
				guarantees, err := quotaAmounts(c.StringSlice("guarantee"))
				if err != nil {
					return "", usageError(c, "--guarantee: %v", err)
				}
				if len(limits)+len(guarantees) == 0 {
					return "", usageError(c, "how much? write limits like cpus=100, or --guarantee cpus=20; `mesos quota remove` takes a quota away")
				}
				return words[0] + " has that quota", setQuota(ctx, m, words[0], limits, guarantees, c.Bool("force"))
			},
		}.command(),
		order{
			name: "remove", line: "mesos quota remove", args: "ROLE", usage: "take the quota of a role away", examples: "   $ eng", min: 1, max: 1, complete: quotas.complete,
			do: func(ctx context.Context, _ *cli.Context, m *client.Client, words []string) (string, error) {
				if _, err := quotas.find(ctx, m, words[0]); err != nil {
					return "", err
				}
				return words[0] + " has no quota", setQuota(ctx, m, words[0], nil, nil, true)
			},
		}.command(),
	)
}

func setQuota(ctx context.Context, m *client.Client, role string, limits, guarantees map[string]any, force bool) error {
	config := map[string]any{"role": role, "limits": limits, "guarantees": guarantees}
	if err := m.Call(ctx, "UPDATE_QUOTA", map[string]any{"force": force, "quota_configs": []any{config}}, nil); err != nil {
		return fmt.Errorf("quota of role %s: %w", role, err)
	}
	return nil
}

func quotaAmounts(words []string) (map[string]any, error) {
	out := map[string]any{}
	for _, w := range words {
		name, amount, err := assignment(w)
		if err != nil {
			return nil, err
		}
		out[name] = map[string]any{"value": amount}
	}
	return out, nil
}

// assignment reads NAME=NUMBER.
func assignment(word string) (name string, amount float64, err error) {
	name, text, ok := strings.Cut(word, "=")
	if amount, err = strconv.ParseFloat(text, 64); !ok || name == "" || err != nil {
		return "", 0, fmt.Errorf("%q: write NAME=NUMBER", word)
	}
	return name, amount, nil
}
