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

func main() { os.Exit(flags.Run(application(), os.Args, os.Stderr)) }

func application() *cli.App {
	return &cli.App{
		Name: "mesos", Version: version.Version,
		Usage: "run commands on a cluster of machines, and see what runs",
		Description: "Commands are a noun and a verb, like `mesos task list`; ps, agents, frameworks, run, kill, logs, exec and attach are short forms.\n" +
			"Start a cluster on this machine with `mesos local`, then try `mesos run -- echo hello` in another terminal.\n\n" +
			"Exit codes: 0 success, 1 an error told on stderr, 2 a command line that makes no sense;\n`mesos run` and `mesos exec` exit as their command did; 130 after Ctrl-C.",
		Commands:              commands(),
		EnableBashCompletion:  true,
		CustomAppHelpTemplate: helpTemplate,
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			return cli.Exit(flagError(nil, err)+": flags stand behind the command, like `mesos ps --all` (`mesos --help` lists the commands)", exitUsage)
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return unknown(c.Args().First(), "mesos", c.App.Commands)
			}
			return cli.ShowAppHelp(c)
		},
	}
}

// commands are all of them, in the order of the help: nouns with verbs, and short forms of what is wanted most.
func commands() []*cli.Command {
	var all []*cli.Command
	for _, group := range []struct {
		category string
		commands []*cli.Command
	}{
		{"To begin with", []*cli.Command{localCommand()}},
		{"What runs", []*cli.Command{
			runCommand(), psCommand(), logsCommand("mesos logs"), execCommand("mesos exec"), attachCommand("mesos attach"), killCommand("mesos kill"),
			taskCommand(), appCommand(), jobCommand(), frameworksCommand(), frameworkCommand(),
		}},
		{"Machines", []*cli.Command{agentsCommand(), agentCommand(), maintenanceCommand()}},
		{"Who gets what", []*cli.Command{explainCommand(), roleCommand(), quotaCommand(), weightCommand(), offerCommand(), reserveCommand(), volumeCommand()}},
		{"A look inside", []*cli.Command{topCommand(), eventsCommand(), debugCommand(), dnsCommand(), consulCommand(), registryCommand(), faultCommand()}},
		{"This program", []*cli.Command{contextCommand(), completionCommand()}},
	} {
		for _, c := range group.commands {
			c.Category = group.category
		}
		all = append(all, group.commands...)
	}
	return all
}

// helpTemplate shows commands in their own order; that of the cli package sorts the categories by name.
const helpTemplate = `{{.Name}} - {{.Usage}}

{{.Description}}
{{$last := ""}}{{range .VisibleCommands}}{{if .Category}}{{if ne .Category $last}}{{$last = .Category}}
{{.Category}}:{{end}}
   {{.Name}}{{"\t"}}{{.Usage}}{{end}}{{end}}

` + "`mesos COMMAND --help` tells more of each, with examples; `mesos --version` prints the version.\n"

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
