package main

import (
	"errors"
	"os"
	"os/signal"
	"os/user"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/job"
)

const runUsage = `mesos run [flags] -- COMMAND [ARGUMENT ...]

Examples:
   mesos run -- echo hello
   mesos run -- sh -c 'echo hello; exit 3'
   mesos run 'echo $HOME | wc -c'                one word with blanks or $ | > ... is a line for sh
   mesos run --cpus 2 --mem 512 --env N=7 --uri https://example.org/model.tar.gz -- ./train
   mesos run --instances 3 --timeout 1m -- sleep 10
   mesos run --pod --share data -- 'echo hi > data/word; sleep 3' 'until cat data/word; do sleep 1; done'`

const runDescription = `Runs COMMAND on a machine of the cluster that has room for it, shows what it writes, and exits as it does.
A program without a slash is looked for in the agent's PATH; the working directory is a new sandbox.
Lines about the tasks' states go to stderr, beginning "mesos: "; --quiet leaves them out. With several
instances each line of output begins with the number of its instance.

With --pod each word is a line for sh and a task of its own; all of them start together on one machine, and
when one fails the others are killed. --share gives them a directory in common.

Ctrl-C or SIGTERM kills the tasks and waits for them; a second one leaves at once, and the cluster does the rest.

Exit codes: that of the command; of several instances the first that is not 0.
   128+N  the command was ended by signal N
   124    --timeout was over
   130    interrupted
   1      the task ended otherwise (lost, killed before it ran, ...), or there is no master: stderr tells
   2      a command line that makes no sense`

// list is a flag that may be given several times. Its values may hold commas.
type list []string

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func (l *list) String() string { return strings.Join(*l, " ") }

func runCommand() *cli.Command {
	var env, uris, share list
	return &cli.Command{
		Name:        "run",
		Usage:       "run a command on the cluster",
		UsageText:   runUsage,
		Description: runDescription,
		Flags: []cli.Flag{
			masterFlag(),
			&cli.StringFlag{Name: "name", DefaultText: "the program's", Usage: "`NAME` of the task; its id begins with it"},
			&cli.IntFlag{Name: "instances", Aliases: []string{"n"}, Value: 1, Usage: "run the command `N` times"},
			&cli.Float64Flag{Name: "cpus", Value: 0.1, Usage: "`CPUS` for each instance"},
			&cli.Float64Flag{Name: "mem", Value: 32, Usage: "`MB` of memory for each instance"},
			&cli.Float64Flag{Name: "disk", Usage: "`MB` of disk for each instance"},
			&cli.GenericFlag{Name: "env", Value: &env, Usage: "`KEY=VALUE` in the command's environment (may be repeated; short: -e)"},
			&cli.GenericFlag{Name: "e", Value: &env, Hidden: true}, // as an alias it would be set twice
			&cli.GenericFlag{Name: "uri", Value: &uris, Usage: "`URI` of a file that is fetched into the sandbox; archives are unpacked (may be repeated; short: -u)"},
			&cli.GenericFlag{Name: "u", Value: &uris, Hidden: true},
			&cli.BoolFlag{Name: "pod", Usage: "run each word as a task of one pod"},
			&cli.GenericFlag{Name: "share", Value: &share, Usage: "`DIR` that the tasks of a pod have in common (may be repeated)"},
			&cli.StringFlag{Name: "role", Value: "*", Usage: "`ROLE` whose resources are used"},
			&cli.StringFlag{Name: "user", DefaultText: "you", Usage: "`USER` of the agent's machine to run as"},
			&cli.DurationFlag{Name: "timeout", Usage: "kill the tasks after this `TIME`, like 90s", DefaultText: "none"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "say nothing about states"},
		},
		OnUsageError: onUsageError,
		Action:       func(c *cli.Context) error { return runJob(c, options(c, env, uris, share)) },
	}
}

// options are what the command line asks for.
func options(c *cli.Context, env, uris, share []string) job.Options {
	return job.Options{
		Args: c.Args().Slice(), Name: c.String("name"), Instances: c.Int("instances"),
		CPUs: c.Float64("cpus"), MemMB: c.Float64("mem"), DiskMB: c.Float64("disk"),
		Env: env, URIs: uris, Role: c.String("role"), User: userName(c), Timeout: c.Duration("timeout"), Quiet: c.Bool("quiet"),
		Pod: c.Bool("pod"), Share: share,
		Stdout: os.Stdout, Stderr: os.Stderr,
	}
}

func runJob(c *cli.Context, o job.Options) error {
	m, err := masterClient(c)
	if err != nil {
		return err
	}
	defer m.Close()
	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(interrupts)
	code, err := job.Run(c.Context, m, o, interrupts)
	switch {
	case errors.Is(err, job.ErrUsage):
		return usageError(c, "%v", err)
	case err != nil:
		return err
	}
	return cli.Exit("", code)
}

// userName is whom the command runs as: who asks, unless the command line says otherwise.
func userName(c *cli.Context) string {
	if name := c.String("user"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "" // as the agent
}
