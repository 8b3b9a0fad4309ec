// Command mesos is how a person uses a cluster: start one on this machine, run
// commands on it, and see what runs.
package main

import (
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"mesos/cmd/flags"
	"mesos/cmd/internal/version"
)

func main() {
	app := &cli.App{
		Name: "mesos", Version: version.Version,
		Usage: "run commands on a cluster of machines, and see what runs",
		Description: "Start a cluster on this machine with `mesos local`, then try `mesos run -- echo hello`.\n\n" +
			"Exit codes: 0 success, 1 an error told on stderr, 2 a command line that makes no sense;\n`mesos run` exits as its command did.",
		Commands: []*cli.Command{
			localCommand(), runCommand(), psCommand(), agentsCommand(), frameworksCommand(), killCommand(), execCommand(), attachCommand(), logsCommand(), agentCommand(), explainCommand(), maintenanceCommand(), registryCommand(), dnsCommand(), faultCommand(),
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknownCommand(c)
			}
			return cli.ShowAppHelp(c)
		},
	}
	os.Exit(flags.Run(app, os.Args, os.Stderr))
}

func unknownCommand(c *cli.Context) error {
	name, hint := c.Args().First(), "`mesos help` lists them"
	var names []string
	for _, command := range c.App.Commands {
		names = append(names, command.Name)
	}
	if near := flags.Suggest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return cli.Exit(fmt.Sprintf("unknown command %q: %s", name, hint), 2)
}
