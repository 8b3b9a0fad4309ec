package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/client"
)

var roles = noun[client.Role]{
	name: "role",
	load: func(ctx context.Context, m *client.Client, _ bool) ([]client.Role, error) { return m.Roles(ctx) },
	id:   func(r client.Role) string { return r.Name },
	columns: []column[client.Role]{
		{name: "ROLE", text: func(r client.Role, _ time.Time) string { return r.Name }},
		{name: "WEIGHT", text: func(r client.Role, _ time.Time) string { return number(r.Weight) }},
		{name: "FRAMEWORKS", text: func(r client.Role, _ time.Time) string { return fmt.Sprint(len(r.Frameworks)) }},
		{name: "ALLOCATED", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Allocated) }},
		{name: "OFFERED", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Offered) }},
		{name: "RESERVED", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Reserved) }},
		{name: "LIMIT", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Quota.Limit) }},
		{name: "GUARANTEE", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Quota.Guarantee) }, wide: true},
		{name: "CONSUMED", text: func(r client.Role, _ time.Time) string { return amountsOf(r.Quota.Consumed) }, wide: true},
	},
}

// amountsOf prints amounts by name.
func amountsOf(a client.Amounts) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name] != 0 || len(a) == 1 {
			out = append(out, name+":"+number(a[name]))
		}
	}
	return strings.Join(out, ";")
}

func roleCommand() *cli.Command {
	return group("role", "see roles: who is in them, what they hold, what is kept for them",
		roles.list("list", "mesos role list", "list the roles that have frameworks, reservations, a quota or a weight",
			"Amounts include those of the roles below; memory and disk are in MB.\n\n", "   $\n   $ -o wide"),
		roles.show("mesos role show", "eng/web"),
	)
}

func weightCommand() *cli.Command {
	return group("weight", "see and set the weights of roles: a role of weight 2 gets twice the share of one of weight 1",
		noun[client.Role]{
			name: "weight", id: roles.id,
			load: func(ctx context.Context, m *client.Client, _ bool) ([]client.Role, error) {
				all, err := m.Roles(ctx)
				return slices.DeleteFunc(all, func(r client.Role) bool { return r.Weight == 1 }), err
			},
			columns: roles.columns[:2],
		}.list("list", "mesos weight list", "list the roles whose weight is not 1", "", "   $\n   $ -o yaml"),
		order{
			name: "set", line: "mesos weight set", args: "ROLE=WEIGHT...", usage: "set weights; 1 is that of every other role",
			examples: "   $ eng=2 eng/web=0.5", min: 1,
			do: func(ctx context.Context, c *cli.Context, m *client.Client, words []string) (string, error) {
				var infos []map[string]any
				for _, w := range words {
					role, weight, err := assignment(w)
					if err != nil {
						return "", usageError(c, "%v", err)
					}
					infos = append(infos, map[string]any{"role": role, "weight": weight})
				}
				if err := m.Call(ctx, "UPDATE_WEIGHTS", map[string]any{"weight_infos": infos}, nil); err != nil {
					return "", fmt.Errorf("weights: %w", err)
				}
				return fmt.Sprintf("%s: set", strings.Join(words, " ")), nil
			},
		}.command(),
	)
}
