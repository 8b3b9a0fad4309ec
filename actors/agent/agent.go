package agent

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/statusupdate"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
)

// Agent is the actor. Every method but New, Init, Process and those that say so runs on it.
type Agent struct {
	conf  Config
	p     *actors.Process
	log   *slog.Logger
	start time.Time

	id         string   // "" until the first registration
	recovering bool     // what an earlier run left is being looked at; nothing is registered yet
	held       []func() // orders that came meanwhile
	rebooted   bool     // the machine was restarted since that run
	registered bool
	login      *authentication.Login
	asked      bool   // to be registered, since the last session with the master ended
	attempt    int    // of the registration under way; late timers of older ones are ignored
	leaderID   string // of the master that the detector told last
	pingLimit  time.Duration
	cancelPing func()

	frameworks map[string]*framework
	completed  []*framework
	streams    *statusupdate.Streams
	garbage    garbage
	told       []*v1.Resource // conf.Resources as masters and executors are told of them; not to be changed
	holdings
	providers     providers
	lending       oversubscribing
	drain         draining
	inner         map[string]*inner // nested and standalone containers, by key
	endedSessions []*inner          // those that nobody removed, the oldest first

	// containers under way, each waited for by one goroutine
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	metrics *Metrics
}

// framework is what runs here for one framework.
type framework struct {
	id          string
	info        *v1.FrameworkInfo
	kept        bool // info is in the store
	terminating bool
	executors   map[string]*executor
	completed   []*executor
}

// New makes an agent that is not running yet; spawn it as "slave(1)".
func New(conf Config) *Agent {
	conf = conf.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	m := newMetrics(conf.Metrics)
	m.maxAge.Store(int64(conf.Collect.Delay)) // until the disk is looked at
	return &Agent{
		conf: conf, log: conf.Log, start: time.Now(), told: conf.Resources.Proto(), frameworks: map[string]*framework{}, streams: statusupdate.New(),
		holdings: holdings{total: conf.Resources, operations: map[string]*operation{}}, inner: map[string]*inner{}, providers: newProviders(),
		ctx: ctx, cancel: cancel, metrics: m,
	}
}

// ProcessID is the name that Mesos gives an agent's process; clients build URLs from it.
const ProcessID = "slave(1)"

// Start spawns the agent on sys. It takes up what its store knows of an earlier
// run, then it registers. An agent that differs from that run in what may not
// differ is refused by a *ReconfigurationError.
func Start(sys *actors.System, conf Config) (*Agent, error) {
	a := New(conf)
	if err := a.restore(a.conf.Store.Load(), sys.Addr()); err != nil {
		return nil, err
	}
	ready := make(chan struct{})
	if _, err := sys.Spawn(ProcessID, initThen{a, ready}); err != nil {
		return nil, err
	}
	<-ready
	if p := a.conf.LocalProviders; p != nil {
		a.wg.Go(func() { p.Run(a.ctx, a) })
	}
	return a, nil
}

type initThen struct {
	*Agent
	ready chan struct{}
}

func (i initThen) Init(p *actors.Process) {
	i.Agent.Init(p)
	close(i.ready)
}

// Init installs the handlers and starts to recover, and then to register.
func (a *Agent) Init(p *actors.Process) {
	a.p = p
	p.OnExited(a.exited)
	p.OnStop(a.stopped)
	a.login = authentication.NewLogin(p, a.conf.Credential, func() actors.UPID { return a.conf.Master }, a.authenticated, a.notAuthenticated)
	actors.Install(p, a.registeredByMaster)
	actors.Install(p, a.reregisteredByMaster)
	actors.Install(p, a.refused)
	actors.Install(p, a.ping)
	actors.Install(p, afterRecovery(a, a.runTask))
	actors.Install(p, afterRecovery(a, a.runTaskGroup))
	actors.Install(p, afterRecovery(a, a.killTask))
	actors.Install(p, afterRecovery(a, a.shutdownExecutorMessage))
	actors.Install(p, afterRecovery(a, a.shutdownFrameworkMessage))
	actors.Install(p, afterRecovery(a, a.updateFramework))
	actors.Install(p, afterRecovery(a, a.drainMessage))
	actors.Install(p, afterRecovery(a, a.applyOperation))
	actors.Install(p, afterRecovery(a, a.reconcileOperations))
	actors.Install(p, a.acknowledgedOperation)
	actors.Install(p, a.acknowledged)
	actors.Install(p, a.frameworkMessage)
	actors.Install(p, a.executorCall)
	actors.Install(p, a.provenCall)
	a.installDriver(p)
	actors.Install(p, afterRecovery(a, a.containerCallMessage))
	a.log.Info("agent started", "pid", p.Self().String(), "master", a.conf.Master.String(), "resources", a.conf.Resources.String())
	a.conf.Metrics.AddSource(a.gather)
	a.conf.Metrics.AddSource(a.gatherProviders)
	a.conf.Metrics.AddLabelled(a.gatherFigures)
	a.followLeader()
	a.recoverContainers()
}

func (a *Agent) uptime() float64 { return time.Since(a.start).Seconds() }

// Process is the agent's process.
func (a *Agent) Process() *actors.Process { return a.p }

// stopped leaves executors alone: they outlive the agent. Only the goroutines
// that wait for them end.
func (a *Agent) stopped() { a.cancel() }

// Wait returns when every goroutine of a stopped agent has ended. Any goroutine may call it.
func (a *Agent) Wait() { a.wg.Wait() }

// exited is told once for every ended session.
func (a *Agent) exited(addr string) {
	if addr == a.conf.Master.Addr {
		a.asked = false
		a.login.Forget()
		a.masterLost("the connection to it ended")
	}
	for _, f := range ordered.All(a.frameworks) {
		for _, e := range ordered.All(f.executors) {
			if e.conn != nil && processOf(e.conn).Addr == addr {
				a.executorDisconnected(e)
			}
		}
	}
}

// info describes this agent to the master and to executors.
func (a *Agent) info() *v1.AgentInfo { return a.infoAt(a.p.Self().Addr) }

func (a *Agent) infoAt(addr string) *v1.AgentInfo {
	info := &v1.AgentInfo{
		Hostname: proto.String(a.conf.Hostname), Port: proto.Int32(int32(portOf(addr))),
		Resources: a.told, Attributes: a.conf.Attributes, Domain: a.conf.Domain,
	}
	if a.id != "" {
		info.Id = ids.Agent(a.id)
	}
	return info
}
