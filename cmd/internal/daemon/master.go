package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/authentication"
	"mesos/actors/files"
	"mesos/actors/logging"
	"mesos/actors/master"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	"mesos/actors/tracing"
	"mesos/cmd/internal/version"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry"
	"mesos/registry/zookeeper"
	"mesos/webui"
)

// MasterSettings are what a master is started with.
type MasterSettings struct {
	Address    Address
	Flags      map[string]string      // as /flags shows them
	Disabled   []string               // endpoints that are answered by 403
	Realms     *authentication.Realms // who may ask; nil: everybody
	FaultRules string                 // file of rules by which messages are broken, "": none are and none can be
	Config     master.Config          // ID, Hostname, Metrics, Store and Log are filled in

	Registry string            // RegistryBolt; "" or RegistryMemory: nothing survives
	WorkDir  string            // of the registry
	Fresh    bool              // forget the agents and frameworks of an earlier run
	Consul   string            // of a cluster of masters, as consul.Parse reads it; "" = no other master
	Announce *zookeeper.Config // where a leader is told of; nil: nowhere

	Policy             string // of the allocator; "" = hierarchical
	RecoveryFactor     float64
	RecoveryTimeout    time.Duration
	AllocationInterval time.Duration
	MinAllocatable     []resources.Quantities
	FilterGPUs         bool
	Preempt            bool // for requests of higher priority
	ExcludedFromShare  []string
	Whitelist          string         // file of the hosts that are offered; "": all are
	LogFile            string         // shown as /master/log; "" = none
	Level              *logging.Level // of log; nil: it cannot be changed
	Trace              TraceSettings
}

// Master is a running master.
type Master struct {
	System *actors.System
	URL    string // http://host:port
	reg    *metrics.Registry
	trace  *tracing.Tracer
	store  registry.Store
	run    *candidacy    // nil without rivals
	told   *announcement // once it leads, if it is to be told; of a candidate read after run.stop

	over sync.WaitGroup // of what goes on beside the actors, until end is closed
	end  chan struct{}

	idle    *actors.Process            // answers for a standby
	leading atomic.Pointer[leadership] // nil: it does not lead
}

// StartMaster starts a master and returns when it serves.
func StartMaster(s MasterSettings, log *slog.Logger) (*Master, error) {
	policy, err := allocator.NewPolicy(orDefault(s.Policy, "hierarchical"), allocator.PolicyOptions{
		FairShareExcluded: s.ExcludedFromShare, Rand: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
	})
	if err != nil {
		return nil, err
	}
	reg, fs := metrics.NewRegistry(), files.New()
	reg.AddSystem()
	if s.LogFile != "" {
		if err := fs.Attach("/master/log", s.LogFile); err != nil {
			return nil, fmt.Errorf("log file: %w", err)
		}
	}
	var run *candidacy
	var store registry.Store
	if s.Consul != "" {
		run, err = newCandidacy(s.Consul, "", "master", log)
	} else {
		store, err = openRegistry(s)
	}
	if err != nil {
		return nil, err
	}
	m, err := startMaster(s, reg, fs, store, policy, run, log)
	if err != nil && store != nil {
		err = errors.Join(err, store.Close())
	}
	return m, err
}

func startMaster(s MasterSettings, reg *metrics.Registry, fs *files.Files, store registry.Store, policy allocator.Policy, run *candidacy, log *slog.Logger) (*Master, error) {
	hosts, err := readWhitelist(s.Whitelist)
	if err != nil {
		return nil, err
	}
	faults, err := openFaults(s.FaultRules, log)
	if err != nil {
		return nil, err
	}
	var running atomic.Pointer[actors.System]
	h := master.NewHTTP(operator.Common{Flags: s.Flags, Build: buildInfo(), Files: fs, Metrics: reg, Level: s.Level, Faults: faultHandler(faults), Disabled: s.Disabled, Realms: s.Realms, Rules: s.Config.Rules, System: running.Load}, webui.Handler())
	net, err := s.Address.listen("the master", h, log)
	if err != nil {
		return nil, err
	}
	sys := actors.NewSystem(net, actors.WithLogger(log))
	running.Store(sys)
	if faults != nil {
		faults.SetSessions(net)
		sys.SetFilter(faults.Filter)
	}
	c := s.Config
	if c.Tracer, log, err = s.Trace.open("mesos-master", sys.Addr(), reg, log); err != nil {
		sys.Shutdown()
		return nil, err
	}
	c.Version, c.Build, c.TLS = version.Version, buildInfo(), s.Address.TLS
	c.HistoryInterval = 10 * time.Second
	c.ID, c.Hostname, c.Metrics, c.Flags, c.Log = uuid.NewString(), s.Address.hostname(sys.Addr()), reg, s.Flags, log
	core := allocator.NewCore(allocator.Options{
		MinAllocatable: s.MinAllocatable, AllocationInterval: s.AllocationInterval,
		FilterGPUResources: s.FilterGPUs, FairShareExcluded: s.ExcludedFromShare,
		RecoveryFactor: s.RecoveryFactor, RecoveryTimeout: s.RecoveryTimeout, Preempt: s.Preempt,
	}, policy)
	core.SetWhitelist(hosts)
	m := &Master{System: sys, URL: s.Address.url(sys.Addr()), reg: reg, trace: c.Tracer, store: store, run: run, end: make(chan struct{})}
	if m.idle, err = sys.Spawn("idle", actors.ActorFunc(func(*actors.Process) {})); err != nil {
		sys.Shutdown()
		m.trace.Close()
		return nil, fmt.Errorf("start of the master: %w", err)
	}
	lead := func(store registry.Store) error {
		c.Store = store
		var l leadership
		var err error
		l.master, err = master.Start(sys, c, func(offers func([]allocator.Offer)) *allocator.Actor {
			l.alloc = allocator.NewActor(core, offers)
			return l.alloc
		})
		if err != nil {
			return err
		}
		h.SetMaster(l.master)
		m.leading.Store(&l)
		if m.told, err = announce(s, master.Info(c, sys.Addr()), store, log); err == nil && hosts != nil {
			m.over.Go(func() { followWhitelist(s.Whitelist, hosts, l.alloc.SetWhitelist, m.end, log) })
		}
		return err
	}
	if run != nil {
		h.StandBy(nil)
		run.info, run.lead, run.failed = master.Info(c, sys.Addr()), lead, s.Config.OnFailed
		standing := newStandby(run.info, s.Address.TLS)
		run.beside = standing.run
		run.standBy = func(info *v1.MasterInfo) {
			h.StandBy(info)
			standing.leads(info)
		}
		run.start()
		return m, nil
	}
	if err := lead(store); err != nil {
		sys.Shutdown()
		m.trace.Close()
		return nil, err
	}
	return m, nil
}

// Stop ends the master at once, and then lets go of its registry: in a cluster the
// next one leads from then on.
func (m *Master) Stop() error {
	m.run.stop()
	close(m.end)
	m.over.Wait()
	m.told.withdraw()
	defer m.told.wait() // the next master need not
	m.System.Shutdown()
	m.trace.Close()
	m.reg.Close()
	if m.run != nil {
		return m.run.resign()
	}
	return m.store.Close()
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}
