package master

import (
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/authentication"
	"mesos/actors/master/counters"
	"mesos/actors/master/life"
	"mesos/actors/master/subscribers"
	"mesos/actors/master/throttle"
	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry"
)

// Allocator decides who is offered what. The master tells it every change and
// gets offers back by the callback it was made with; see package allocator.
type Allocator interface {
	AddFramework(f allocator.Framework, active bool, used map[string]resources.Resources)
	UpdateFramework(f allocator.Framework)
	ActivateFramework(id string)
	DeactivateFramework(id string)
	RemoveFramework(id string)
	AddAgent(a allocator.Agent, used map[string]resources.Resources)
	UpdateAgent(a allocator.Agent)
	ActivateAgent(id string)
	DeactivateAgent(id string)
	RemoveAgent(id string)
	Allocated(frameworkID, agentID string, r resources.Resources)
	Recover(frameworkID, agentID string, r resources.Resources, refuse *allocator.Refuse)
	Convert(frameworkID, agentID string, from, to resources.Resources)
	ConvertAvailable(agentID string, from, to resources.Resources, answer func(error))
	Preempt(n allocator.Need, answer func([]allocator.Revocation))
	Suppress(frameworkID string, roles []string)
	Revive(frameworkID string, roles []string)
	SetUnavailability(agentID string, u *allocator.Unavailability)
	UpdateInverseOffer(agentID, frameworkID string, answer allocator.InverseAnswer, refuse *allocator.Refuse)
	InverseStatuses(agentID string, answer func([]allocator.InverseStatus))
	roleAllocator
}

// Master is the actor. Every method but New, Init and those that say so runs on it.
type Master struct {
	conf  Config
	p     *actors.Process
	info  *v1.MasterInfo
	view  *view.Master
	log   *slog.Logger
	alloc Allocator
	start time.Time

	frameworks map[string]*framework
	completed  ring[*framework]
	agents     map[string]*agent
	agentAt    map[actors.UPID]*agent
	atAddr     map[string]map[connected]struct{} // who must hear that the session with an address ended
	lives      life.Book                         // of agents
	away       awayAgents                        // unreachable and gone
	recovering map[string]*v1.AgentInfo          // admitted by an earlier master, not back yet
	admitting  map[actors.UPID]*admission        // whose admission is being written
	// readmissions are being written, by agent id
	readmissions      map[string]*readmission
	removals          removals
	removedFrameworks map[string]bool // of which an agent may come back with something
	offers            map[string]*offer
	inverse           map[string]*inverseOffer
	withdrawn         map[string]*withdrawal // by agent id
	maintenance       maintenance
	roleSettings      roleSettings
	orphans           map[string]operations // of frameworks that this master has not seen, by their ids

	nextFramework, nextAgent, nextOffer, agentRuns int

	registry  *registry.Registrar
	recovery  chan struct{} // closed with recovered
	early     []func()      // messages that wait for it
	deposed   func() error  // why another master may lead, nil if none can; any goroutine may ask
	recovered bool          // the registry is read
	fresh     bool          // it was empty

	metrics   *counters.Counters
	subs      *subscribers.Subscribers
	throttles *throttle.Drivers
	logins    *authentication.Server
	accepting accepting
}

// New makes a master that is not running yet. newAllocator is called on the
// actor with the function that takes the allocator's offers.
func New(conf Config) *Master {
	conf = conf.withDefaults()
	return &Master{
		conf: conf, log: conf.Log, start: time.Now(),
		frameworks: map[string]*framework{},
		completed:  ring[*framework]{max: conf.MaxCompletedFrameworks},
		agents:     map[string]*agent{},
		agentAt:    map[actors.UPID]*agent{},
		atAddr:     map[string]map[connected]struct{}{},
		lives:      life.Book{},
		away:       newAwayAgents(),
		recovering: map[string]*v1.AgentInfo{},
		admitting:  map[actors.UPID]*admission{}, readmissions: map[string]*readmission{}, removedFrameworks: map[string]bool{},
		removals:  removals{limiter: limiter{every: conf.AgentRemovalInterval}, begin: map[string]func(){}},
		recovery:  make(chan struct{}),
		deposed:   func() error { return nil },
		offers:    map[string]*offer{},
		inverse:   map[string]*inverseOffer{},
		withdrawn: map[string]*withdrawal{}, maintenance: newMaintenance(),
		orphans: map[string]operations{},
		metrics: counters.New(conf.Metrics),
	}
}

// Start spawns the allocator and the master on sys and returns the master's process.
func Start(sys *actors.System, conf Config, newAllocator func(offers func([]allocator.Offer)) *allocator.Actor) (*Master, error) {
	m := New(conf)
	al := newAllocator(func(o []allocator.Offer) { m.p.Dispatch(func() { m.makeOffers(o) }) })
	al.OnInverseOffers(func(o []allocator.InverseOffer) { m.p.Dispatch(func() { m.makeInverseOffers(o) }) })
	m.alloc = al
	m.measureAllocator()
	if _, err := sys.Spawn("allocator", al); err != nil {
		return nil, fmt.Errorf("start of the allocator: %w", err)
	}
	var err error
	if m.subs, err = subscribers.Start(sys, subscribers.Config{
		Max: m.conf.MaxSubscribers, Heartbeat: m.conf.HeartbeatInterval, Queue: m.conf.SubscriberQueue, Log: m.log,
	}); err != nil {
		return nil, err
	}
	if _, err := sys.SpawnReady("master", m); err != nil {
		return nil, fmt.Errorf("start of the master: %w", err)
	}
	return m, nil
}

// Init installs the handlers.
func (m *Master) Init(p *actors.Process) {
	m.p = p
	m.throttles = throttle.New(m.conf.RateLimits, m.conf.Metrics, p.Delay)
	m.info = masterInfo(m.conf, p.Self())
	m.view = m.masterView()
	p.OnExited(m.exited)
	actors.Install(p, afterRecovery(m, m.schedulerCall))
	actors.Install(p, afterRecovery(m, ofKnown(m, m.registerAgent)))
	actors.Install(p, afterRecovery(m, ofKnown(m, m.reregisterAgent)))
	actors.Install(p, afterRecovery(m, m.unregisterAgent))
	actors.Install(p, afterRecovery(m, m.pong))
	actors.Install(p, afterRecovery(m, m.statusUpdate))
	actors.Install(p, afterRecovery(m, m.exitedExecutor))
	actors.Install(p, afterRecovery(m, m.executorMessage))
	m.installDriver(p)
	m.installAuthentication(p)
	actors.Install(p, afterRecovery(m, m.operationStatus))
	actors.Install(p, afterRecovery(m, m.updateAgent))
	m.startRegistry(p)
	m.conf.Metrics.AddSource(m.gather)
	m.conf.Metrics.AddSource(m.gatherRegistry)
	m.log.Info("master started", "master_id", m.conf.ID, "pid", p.Self().String())
}

// Process is the master's process.
func (m *Master) Process() *actors.Process { return m.p }

// Info describes this master. Any goroutine may call it after Start.
func (m *Master) Info() *v1.MasterInfo { return m.info }

func (m *Master) send(a *agent, msg proto.Message) {
	if a.connected {
		m.p.Send(a.upid, msg)
	}
}
