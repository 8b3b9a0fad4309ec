package main

import (
	"context"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/services"
)

func deploymentPath(id string) string { return "/v2/deployments/" + url.PathEscape(id) }

func appPromoteCommand() *cli.Command {
	return appOrder(order{
		name: "promote", line: "mesos app promote", args: "DEPLOYMENT", usage: "let all instances follow the canaries of a deployment", min: 1, max: 1,
		flags:    []cli.Flag{marathonFlag(), &cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "do not wait until it is done"}},
		examples: "   $ 97c136bf-5a28-4821-9d94-480d9fbb01c8",
	}, func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error) {
		return words[0] + " is promoted", changed(ctx, c, s, http.MethodPost, deploymentPath(words[0])+"/promote", nil)
	})
}

func appRollbackCommand() *cli.Command {
	return appOrder(order{
		name: "rollback", line: "mesos app rollback", args: "DEPLOYMENT", usage: "stop a deployment and bring back what was before it", min: 1, max: 1,
		flags: []cli.Flag{
			marathonFlag(),
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "stop it where it is, and bring nothing back"},
			&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "do not wait until all is as before"},
		},
		examples: "   $ 97c136bf-5a28-4821-9d94-480d9fbb01c8\n   $ --force 97c136bf-5a28-4821-9d94-480d9fbb01c8",
	}, func(ctx context.Context, c *cli.Context, s *services.Client, words []string) (string, error) {
		done := " is taken back"
		if c.Bool("force") {
			done = " is stopped"
		}
		return words[0] + done, changed(ctx, c, s, http.MethodDelete, deploymentPath(words[0]), nil)
	})
}

func appRetryCommand() *cli.Command {
	return appOrder(order{
		name: "retry", line: "mesos app retry", args: "APP", usage: "launch an app now that waits because it failed", min: 1, max: 1, flags: []cli.Flag{marathonFlag()}, examples: "   $ /web",
	}, func(ctx context.Context, _ *cli.Context, s *services.Client, words []string) (string, error) {
		return appID(words[0]) + " waits no longer", s.Ask(ctx, http.MethodDelete, "/v2/queue"+appID(words[0])+"/delay", nil, nil)
	})
}
