// Command chronos runs jobs on a cluster at their times, and after each other: cron for the cluster.
package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"mesos/cmd/flags"
	"mesos/cmd/internal/daemon"
	"mesos/cmd/internal/systemd"
	"mesos/cmd/internal/version"
)

func main() {
	f := daemon.ChronosFlags()
	app := f.AttachApp(&cli.App{
		Name: "chronos", Version: version.Version,
		Usage:       "run jobs on a cluster at their times",
		UsageText:   "chronos --master=HOST:PORT --work_dir=DIRECTORY [--name=value ...]\n\nExample: chronos --master=127.0.0.1:5050 --ip=127.0.0.1 --work_dir=/var/lib/mesos/chronos",
		Description: "Every flag may also be given as a variable MESOS_<NAME>, and any value as file:///path.",
		Action:      func(*cli.Context) error { return run(f) },
	})
	os.Exit(flags.Run(app, os.Args, os.Stderr))
}

func run(f *flags.Set) error {
	manager, err := systemd.FromEnvironment()
	if err != nil {
		return err
	}
	log, _ := daemon.Logging(f)
	s, err := daemon.ChronosFrom(f)
	if err != nil {
		return err
	}
	onFailed, failed := daemon.Failure()
	s.Config.OnFailed = onFailed
	c, err := daemon.StartChronos(s, log)
	if err != nil {
		return err
	}
	return daemon.Serve(manager, log, c.URL, c.Look, failed, c.Stop)
}
