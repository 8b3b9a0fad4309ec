// Command mesos-master runs a master: the one program of a cluster that knows
// all agents and frameworks, and offers what the agents have to the frameworks.
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
	f := daemon.MasterFlags()
	app := f.AttachApp(&cli.App{
		Name: "mesos-master", Version: version.Version,
		Usage:       "run a Mesos master",
		UsageText:   "mesos-master [--name=value ...]\n\nExample: mesos-master --ip=127.0.0.1 --work_dir=/var/lib/mesos/master",
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
	log, level, err := daemon.OpenLog(f, "mesos-master")
	if err != nil {
		return err
	}
	for _, w := range f.Warnings() {
		log.Warn(w)
	}
	s, err := daemon.MasterFrom(f)
	if err != nil {
		return err
	}
	onFailed, failed := daemon.Failure()
	s.Level, s.Config.OnFailed = level, onFailed
	m, err := daemon.StartMaster(s, log)
	if err != nil {
		return err
	}
	return daemon.Serve(manager, log, m.URL, m.Look, failed, m.Stop)
}
