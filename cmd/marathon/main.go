// Command marathon keeps services running on a cluster, by Marathon's REST API.
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
	f := flags.NewSet(flags.Marathon())
	app := f.AttachApp(&cli.App{
		Name: "marathon", Version: version.Version,
		Usage:       "keep services running on a cluster",
		UsageText:   "marathon --master=host:port --work_dir=DIR [--name=value ...]\n\nExample: marathon --master=127.0.0.1:5050 --work_dir=/var/lib/mesos/marathon",
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
	s, err := daemon.MarathonFrom(f, log)
	if err != nil {
		return err
	}
	onFailed, failed := daemon.Failure()
	s.Config.OnFailed = onFailed
	m, err := daemon.StartMarathon(s, log)
	if err != nil {
		return err
	}
	return daemon.Serve(manager, log, m.URL, m.Look, failed, m.Stop)
}
