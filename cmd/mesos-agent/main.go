// Command mesos-agent runs an agent: it offers this machine to the cluster and
// runs the tasks that frameworks launch on it. Tasks outlive the program.
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
	f := daemon.AgentFlags()
	app := f.AttachApp(&cli.App{
		Name: "mesos-agent", Version: version.Version,
		Usage:       "run a Mesos agent",
		UsageText:   "mesos-agent --master=host:port --work_dir=DIR [--name=value ...]\n\nExample: mesos-agent --master=127.0.0.1:5050 --work_dir=/var/lib/mesos/agent --resources='cpus:4;mem:4096'",
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
	log, level, err := daemon.OpenLog(f, "mesos-agent")
	if err != nil {
		return err
	}
	for _, w := range f.Warnings() {
		log.Warn(w)
	}
	s, err := daemon.AgentFrom(f)
	if err != nil {
		return err
	}
	s.Level = level
	if s.CleanUp {
		return daemon.CleanUp(s, log)
	}
	onFailed, failed := daemon.Failure()
	s.Config.OnFailed = onFailed
	a, err := daemon.StartAgent(s, log)
	if err != nil {
		return err
	}
	return daemon.Serve(manager, log, a.URL, a.Look, failed, func() error {
		a.Stop()
		return nil
	})
}
