package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"mesos/actors"
	"mesos/actors/agent"
	"mesos/actors/agent/gc"
	"mesos/actors/agent/localprovider"
	"mesos/actors/agent/store"
	"mesos/actors/authentication"
	"mesos/actors/authorization"
	"mesos/actors/containerizer"
	"mesos/actors/executor/door"
	"mesos/actors/fetcher"
	"mesos/actors/files"
	"mesos/actors/logging"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	"mesos/actors/tracing"
	"mesos/actors/volume"
	"mesos/cmd/internal/ssl"
	"mesos/cmd/internal/version"
	"mesos/isolators/catalog"
	"mesos/isolators/images"
)

// AgentSettings are what an agent is started with.
type AgentSettings struct {
	Address    Address
	Flags      map[string]string      // as /flags shows them
	Disabled   []string               // endpoints that are answered by 403
	Realms     *authentication.Realms // who may ask; nil: everybody
	Rules      *authorization.Rules   // and what; nil: everything
	FaultRules string                 // file of rules by which messages are broken, "": none are and none can be
	Config     agent.Config           // Hostname, Containerizer, Store, BootID, Metrics, Sandboxes and Log are filled in

	Fetcher   fetcher.Options // Metrics is filled in
	Isolation IsolationSettings

	Containerizers ContainerizerSettings
	Rotate         *containerizer.Rotation // of output, nil: none
	Providers      string                  // directory of configurations of local resource providers, "" = none
	LogFile        string                  // shown as /slave/log; "" = none
	Trace          TraceSettings
	Level          *logging.Level // of log; nil: it cannot be changed

	CleanUp bool // only kill what an earlier run left, and forget it; see the function
	Fresh   bool // the same, and then start as a new agent
}

// Agent is a running agent.
type Agent struct {
	System   *actors.System
	Agent    *agent.Agent
	URL      string // http://host:port
	settings AgentSettings
	images   *images.Store // nil: none
	work     string
	store    *store.Bolt
	fetch    *fetcher.Fetcher
	cont     *containerizer.Composing
	reg      *metrics.Registry
	trace    *tracing.Tracer
	log      *slog.Logger
}

// StartAgent starts an agent and returns when it serves; it registers by itself.
func StartAgent(s AgentSettings, log *slog.Logger) (*Agent, error) {
	if err := checkLauncher(s.Config.LauncherDir, "mesos-executor", shimProgram, initProgram); err != nil {
		return nil, err
	}
	if s.Rotate != nil {
		if err := checkLauncher(s.Config.LauncherDir, loggerProgram); err != nil {
			return nil, err
		}
	}
	work, err := workDir(s)
	if err != nil {
		return nil, err
	}
	st, err := openStore(work, s.Fresh, log)
	if err != nil {
		return nil, err
	}
	a, err := startAgent(s, work, st, log)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return a, nil
}

func startAgent(s AgentSettings, work string, st *store.Bolt, log *slog.Logger) (*Agent, error) {
	reg, fs := metrics.NewRegistry(), files.New()
	s.Fetcher.Metrics = reg
	fetch := fetcher.New(s.Fetcher)
	destroyErrors := reg.Counter("containerizer/mesos/container_destroy_errors", "Containers of which something could not be killed.")
	imgs, files, err := s.Isolation.Images.open(work, log)
	if err != nil {
		return nil, err
	}
	files.Creatable = s.Isolation.Options.Files.Creatable
	s.Isolation.Options.Files = files
	iso, err := s.Isolation.compose(work, s.Config.LauncherDir, log)
	if err != nil {
		return nil, err
	}
	composed := &composer{s: s, work: work, log: log, images: imgs, pulled: s.Containerizers.pulls(reg), options: containerizer.Options{
		Fetcher: fetch, Rotate: s.Rotate, Shim: filepath.Join(s.Config.LauncherDir, shimProgram), Log: log, DestroyFailed: destroyErrors.Inc,
	}}
	cont, err := composed.compose(iso)
	if err != nil {
		return nil, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, fmt.Errorf("boot id: %w", err)
	}
	reg.AddSystem()
	if s.LogFile != "" {
		if err := fs.Attach("/slave/log", s.LogFile); err != nil {
			return nil, fmt.Errorf("log file: %w", err)
		}
	}
	faults, err := openFaults(s.FaultRules, log)
	if err != nil {
		return nil, err
	}
	var running atomic.Pointer[actors.System]
	h := agent.NewHTTP(operator.Common{Flags: s.Flags, Build: buildInfo(), Files: fs, Metrics: reg, Level: s.Level, Faults: faultHandler(faults), Disabled: s.Disabled, Realms: s.Realms, Rules: s.Rules, System: running.Load})
	net, err := s.Address.listen("the agent", h, log)
	if err != nil {
		return nil, err
	}
	sys := actors.NewSystem(net, actors.WithLogger(log))
	running.Store(sys)
	if faults != nil {
		faults.SetSessions(net)
		sys.SetFilter(faults.Filter)
	}
	if w := unheard(s.Isolation.List, sys.Addr()); w != "" {
		log.Warn(w, "address", sys.Addr())
	}
	c := s.Config
	if c.Tracer, log, err = s.Trace.open("mesos-agent", sys.Addr(), reg, log); err != nil {
		sys.Shutdown()
		return nil, err
	}
	c.Version = version.Version
	c.WorkDir, c.Hostname, c.Containerizer, c.Metrics, c.Sandboxes, c.Log = work, s.Address.hostname(sys.Addr()), cont, reg, fs, log
	c.Garbage = gc.Disk{WorkDir: work}
	if s.Address.TLS != nil {
		c.Doors, c.ExecutorTLS = door.NewDoors(net.Beside), ssl.Variables(os.Environ())
	}
	c.Isolates = iso.Holds || len(composed.parts) > 1 || composed.parts[0].Name != mesosContainerizer
	if catalog.SizesVolumes(s.Isolation.List) {
		c.Volumes = volume.NewSized(work)
	}
	if imgs != nil {
		c.Images = imageStore{imgs}
	}
	c.Store, c.BootID = st, strings.TrimSpace(string(boot))
	if s.Providers != "" {
		if c.LocalProviders, err = localprovider.Open(s.Providers, localprovider.Types(), log); err != nil {
			sys.Shutdown()
			c.Tracer.Close()
			return nil, fmt.Errorf("flag --resource_provider_config_dir: %w", err)
		}
	}
	a, err := agent.Start(sys, c)
	if err != nil {
		sys.Shutdown()
		c.Tracer.Close()
		return nil, fmt.Errorf("start of the agent: %w", err)
	}
	h.SetAgent(a)
	return &Agent{settings: s, images: imgs, System: sys, Agent: a, URL: s.Address.url(sys.Addr()), work: work, store: st, fetch: fetch, cont: cont, reg: reg, trace: c.Tracer, log: log}, nil
}

// shimProgram stands beside containers that must outlive the agent.
const shimProgram = "mesos-shim"

// initProgram begins containers that are isolated.
const initProgram = "mesos-init"

// checkLauncher refuses to start an agent that could run no command.
func checkLauncher(dir string, programs ...string) error {
	for _, name := range programs {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode()&0o111 == 0 {
			return fmt.Errorf("launcher_dir %q has no program %s: name the directory that has it by --launcher_dir", dir, name)
		}
	}
	return nil
}

// Stop ends the agent. Its executors and tasks run on.
func (a *Agent) Stop() {
	a.System.Shutdown()
	a.Agent.Wait()
	a.trace.Close()
	a.fetch.Close()
	if a.images != nil {
		a.images.Close()
	}
	_ = a.cont.Close() // only /dev/null could fail to close
	a.reg.Close()
	if err := a.store.Close(); err != nil {
		a.log.Error("the agent's state was not closed", "error", err)
	}
}

// StopAll ends the agent with all that runs on it.
func (a *Agent) StopAll() {
	a.Stop()
	if err := killAll(a.settings, a.work, a.log); err != nil {
		a.log.Error("tasks are left running", "error", err)
	}
}
