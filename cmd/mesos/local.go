package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/actors/logging"
	"mesos/cmd/flags"
	"mesos/cmd/internal/daemon"
	"mesos/registry/boltfile"
)

// localFlags are the flags of `mesos local`.
func localFlags() *flags.Set {
	return flags.NewSet(append(daemon.ObserveFlags(), []flags.Def{
		{Name: "agents", Kind: flags.Int, Default: "1", Usage: "number of agents"},
		{Name: "resources", DefaultText: "this machine's, divided among the agents", Usage: "resources of each agent, like 'cpus:4;mem:4096;disk:10240;ports:[31000-32000]'"},
		{Name: "attributes", Usage: "attributes of each agent, like 'rack:r1'; {n} stands for the agent's number"},
		{Name: "ip", Default: "127.0.0.1", Usage: "address to listen on"},
		{Name: "port", Kind: flags.Port, Default: "5050", Usage: "port of the master; agents take the next ones"},
		{Name: "work_dir", DefaultText: "<temporary directory>/mesos-local, with another --port that behind it", Usage: "directory of sandboxes"},
		{Name: "isolation", Default: "posix/cpu,posix/mem", Usage: "comma list of isolators, as the agent's"},
		{Name: "launcher", DefaultText: "linux if root and cgroups usable, else posix", OneOf: []string{"linux", "posix"}, Usage: "how container processes are forked and killed"},
		{Name: "cgroups_root", Default: "mesos", Usage: "root cgroup name"},
		{Name: "logging_level", Default: "WARNING", OneOf: []string{"INFO", "WARNING", "ERROR"}, Usage: "least important lines to show on stderr"},
		{Name: "quiet", Kind: flags.Bool, Default: "false", Usage: "no logging to stderr"},
		{Name: "marathon", Kind: flags.Bool, Default: "true", Usage: "with marathon, which keeps services running (mesos app)"},
		{Name: "marathon_port", Kind: flags.Port, DefaultText: "8080, or any if that is taken", Usage: "port of marathon's REST API"},
		{Name: "chronos", Kind: flags.Bool, Default: "true", Usage: "with chronos, which runs jobs at their times (mesos job)"},
		{Name: "chronos_port", Kind: flags.Port, DefaultText: "4400, or any if that is taken", Usage: "port of chronos's REST API"},
		{Name: "offer_timeout", Kind: flags.Duration, Default: "5mins", Usage: "rescind an offer that was not answered for this long; 0secs for never"},
	}...), daemon.FaultFlags)
}

func localCommand() *cli.Command {
	f := localFlags()
	return f.Attach(&cli.Command{
		Name:      "local",
		Usage:     "run a whole cluster in this one program, until Ctrl-C",
		UsageText: "mesos local [--agents=N] [--name=value ...]\n\nExample: mesos local --agents=3 --resources='cpus:4;mem:4096;disk:10240;ports:[31000-32000]'",
		Action:    func(c *cli.Context) error { return runLocal(f, c.App.Writer) },
	})
}

func runLocal(f *flags.Set, out io.Writer) (err error) {
	log, level := daemon.Logging(f)
	work := localWorkDir(f)
	onFailed, failed := daemon.Failure()
	m, err := startLocalMaster(f, work, onFailed, log, level)
	if errors.Is(err, boltfile.ErrInUse) {
		return fmt.Errorf("a cluster of this command runs already, with what it keeps in %s: use it, or have another beside it with --port (%w)", work, err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	for n := range f.Int("agents") {
		a, err := startLocalAgent(f, n, work, m, onFailed, log, level)
		if err != nil {
			return err
		}
		defer a.StopAll()
	}
	services, stopServices, err := startLocalMarathon(f, m, onFailed, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopServices()) }()
	jobs, stopJobs, err := startLocalChronos(f, work, m, onFailed, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopJobs()) }()
	welcome(out, f, m.URL, services, jobs)
	return daemon.UntilSignal(failed)
}

// localWorkDir is the directory of a cluster. Clusters at ports of their own have directories of their own.
func localWorkDir(f *flags.Set) string {
	if dir := f.String("work_dir"); dir != "" {
		return dir
	}
	name := "mesos-local"
	if f.Int("port") != usualMasterPort {
		name = fmt.Sprintf("%s-%d", name, f.Int("port"))
	}
	return filepath.Join(os.TempDir(), name)
}

// usualMasterPort is where people look for a master.
const usualMasterPort = 5050

// welcome tells a person what to try with the cluster.
func welcome(out io.Writer, f *flags.Set, url, services, jobs string) {
	self, at := os.Args[0], masterArgument(f)
	_, _ = fmt.Fprintf(out, "A cluster of %d agent%s is up: %s\n", f.Int("agents"), plural(f.Int("agents")), url)
	if services != "" {
		_, _ = fmt.Fprintf(out, "Marathon keeps services running: %s/v2/apps\n", services)
	}
	if jobs != "" {
		_, _ = fmt.Fprintf(out, "Chronos runs jobs at their times: %s/v1/scheduler/jobs\n", jobs)
	}
	_, _ = fmt.Fprintf(out, "\nTry this in another terminal:\n")
	hints := [][2]string{
		{"run" + at + " -- echo hello", "run a command, see its output, exit as it did"},
		{"run" + at + " --name=clock -- sh -c 'while sleep 1; do date; done'", "one that stays"},
		{"ps" + at, "what runs"},
		{"logs" + at + " -f clock", "what it says"},
		{"exec" + at + " -it clock -- sh", "a shell beside it"},
		{"kill" + at + " clock", "end it"},
		{"app run" + at + " web.yaml", "a service that is kept running; `mesos app run --help` shows such a file"},
	}
	if services == "" {
		hints = hints[:len(hints)-1]
	}
	width := 0
	for _, h := range hints {
		width = max(width, len(h[0]))
	}
	for _, h := range hints {
		_, _ = fmt.Fprintf(out, "  %s %-*s  # %s\n", self, width, h[0], h[1])
	}
	_, _ = fmt.Fprintf(out, "\nCtrl-C ends the cluster, with its tasks.\n")
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// masterArgument is what commands need to find a cluster that is not in the usual place.
func masterArgument(f *flags.Set) string {
	if f.Int("port") == usualMasterPort && f.String("ip") == "127.0.0.1" {
		return ""
	}
	return fmt.Sprintf(" --master %s:%d", f.String("ip"), f.Int("port"))
}

func startLocalMaster(f *flags.Set, work string, onFailed func(error), log *slog.Logger, level *logging.Level) (*daemon.Master, error) {
	mf := daemon.MasterFlags()
	if err := mf.SetAll(daemon.ObserveValues(f, map[string]string{
		"ip": f.String("ip"), "port": fmt.Sprint(f.Int("port")), "work_dir": filepath.Join(work, "master"),
		"cluster": "local", "logging_level": f.String("logging_level"), "fault_rules": f.String("fault_rules"),
	})); err != nil {
		return nil, err
	}
	s, err := daemon.MasterFrom(mf)
	if err != nil {
		return nil, err
	}
	s.Level = level
	s.Config.OnFailed = onFailed
	s.Fresh = true // as its agents, and for the same reason; quota, weights and maintenance stay
	s.Config.OfferTimeout = f.Duration("offer_timeout")
	return daemon.StartMaster(s, log)
}

func startLocalAgent(f *flags.Set, n int, work string, m *daemon.Master, onFailed func(error), log *slog.Logger, level *logging.Level) (*daemon.Agent, error) {
	dir := filepath.Join(work, fmt.Sprintf("agent-%d", n+1))
	res := f.String("resources")
	if res == "" {
		var err error
		if res, err = share(n, f.Int("agents"), dir); err != nil {
			return nil, err
		}
	}
	port := 0
	if f.Int("port") != 0 {
		port = f.Int("port") + 1 + n
	}
	af := daemon.AgentFlags()
	values := map[string]string{
		"master": m.System.Addr(), "ip": f.String("ip"), "port": fmt.Sprint(port), "work_dir": dir, "resources": res,
		"attributes": numbered(f.String("attributes"), n+1), "logging_level": f.String("logging_level"),
		"isolation": f.String("isolation"), "cgroups_root": f.String("cgroups_root"), "fault_rules": f.String("fault_rules"),
	}
	if l := f.String("launcher"); l != "" {
		values["launcher"] = l
	}
	if err := af.SetAll(daemon.ObserveValues(f, values)); err != nil {
		return nil, err
	}
	s, err := daemon.AgentFrom(af)
	if err != nil {
		return nil, err
	}
	s.Level = level
	s.Config.OnFailed = onFailed
	s.Fresh = true                                        // a cluster of this command ends with it
	s.Config.RegistrationBackoff = 100 * time.Millisecond // there is no crowd to spread
	return daemon.StartAgent(s, log)
}

// share is an equal part of this machine for agent i of n: all of it for one,
// and ports of its own for each, since they are the machine's.
func share(i, n int, dir string) (string, error) {
	if n <= 1 {
		return "", nil // the agent finds all there is
	}
	all, err := daemon.AgentResources("", "*", dir)
	if err != nil {
		return "", err
	}
	part := func(name string) float64 { return all.Scalar(name).Float() / float64(n) }
	ports := 1000 / n
	first := 31000 + i*ports
	return fmt.Sprintf("cpus:%.3f;mem:%.0f;disk:%.0f;ports:[%d-%d]", part("cpus"), part("mem"), part("disk"), first, first+ports-1), nil
}

// numbered puts the agent's number where the text has {n}.
func numbered(text string, n int) string { return strings.ReplaceAll(text, "{n}", fmt.Sprint(n)) }
