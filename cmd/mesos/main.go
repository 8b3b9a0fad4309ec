// Command mesos is how a person uses a cluster: start one on this machine, run
// commands on it, and see what runs.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"mesos/cmd/flags"
	"mesos/cmd/internal/version"
)

func main() {
	app := &cli.App{
		Name: "mesos", Version: version.Version,
		Usage: "run commands on a cluster of machines, and see what runs",
		Description: "Commands are a noun and a verb, like `mesos task list`; ps, agents, frameworks, run, kill, logs, exec and attach are short forms.\n" +
			"Start a cluster on this machine with `mesos local`, then try `mesos run -- echo hello`.\n\n" +
			"Exit codes: 0 success, 1 an error told on stderr, 2 a command line that makes no sense;\n`mesos run` and `mesos exec` exit as their command did; 130 after Ctrl-C.",
		Commands:             commands(),
		EnableBashCompletion: true,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknown(c.Args().First(), "mesos", c.App.Commands)
			}
			return cli.ShowAppHelp(c)
		},
	}
	os.Exit(flags.Run(app, os.Args, os.Stderr))
}

// commands are all of them: nouns with verbs, and short forms of what is wanted most.
func commands() []*cli.Command {
	all := []*cli.Command{localCommand()}
	for category, list := range map[string][]*cli.Command{
		"What runs:": {
			runCommand(), psCommand(), killCommand("mesos kill"), execCommand("mesos exec"), attachCommand("mesos attach"), logsCommand("mesos logs"),
			taskCommand(), appCommand(), jobCommand(), frameworksCommand(), frameworkCommand(),
		},
		"Machines:":      {agentsCommand(), agentCommand(), maintenanceCommand()},
		"Who gets what:": {explainCommand(), roleCommand(), quotaCommand(), weightCommand(), offerCommand(), reserveCommand(), volumeCommand()},
		"A look inside:": {topCommand(), eventsCommand(), debugCommand(), dnsCommand(), consulCommand(), registryCommand(), faultCommand()},
		"This program:":  {contextCommand(), completionCommand()},
	} {
		for _, c := range list {
			c.Category = category
		}
		all = append(all, list...)
	}
	return all
}

// unknown complains about a word that is none of the commands of a line.
func unknown(name, line string, commands []*cli.Command) error {
	hint := "`" + line + " --help` lists them"
	var names []string
	for _, command := range commands {
		names = append(names, command.Name)
	}
	if near := flags.Suggest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return cli.Exit(fmt.Sprintf("unknown command %q: %s", strings.TrimPrefix(line+" "+name, "mesos "), hint), exitUsage)
}
