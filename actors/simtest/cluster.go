package simtest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mesos/actors"
	"mesos/actors/agent"
	"mesos/actors/agent/gc"
	"mesos/actors/agent/oversubscription"
	"mesos/actors/agent/store"
	"mesos/actors/allocator"
	"mesos/actors/authentication"
	"mesos/actors/fault"
	"mesos/actors/files"
	"mesos/actors/master"
	"mesos/actors/memnet"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry"
	"mesos/registry/leader"
)

// Options describe the cluster that Run starts.
type Options struct {
	Masters   int           // that elect their leader; 0: one master without an election
	Agents    int           // started before the test function runs
	Resources string        // of each agent; "cpus:4;mem:4096;disk:10240;ports:[31000-32000]" if empty
	Master    master.Config // zero values mean Mesos's defaults
	Policy    string        // of the allocator; "" = hierarchical
	Allocator allocator.Options
	Collect   gc.Policy // of sandboxes; the zero value: they stay
	// Credential is what agents authenticate with; nil: with nothing.
	Credential *authentication.Credential
	// Agent changes what each agent is started with; nil: nothing.
	Agent func(*agent.Config)
	// Estimator and QoS give each agent's program its own; nil: nothing is lent, nobody ends for others.
	Estimator func(*Agent) oversubscription.Estimator
	QoS       func(*Agent) oversubscription.Controller
	// EstimatorInterval is the time between two questions to an Estimator, 0: Mesos's 15 seconds; QoSInterval that between
	// two to a QoS, 0: a second.
	EstimatorInterval, QoSInterval time.Duration
	// ExecutorReregistrationTimeout is how long an agent that starts again waits for its executors, which so often look for
	// it meanwhile; 0: Mesos's 2 seconds.
	ExecutorReregistrationTimeout time.Duration
	Log                           *slog.Logger // nil: silent
	// Seed, if not 0, makes the run repeat exactly: actors have turns one after the other, in an order that it gives.
	Seed uint64
	// Referee has all that must always be true checked after every turn; it needs a Seed. See [Cluster.Violation].
	Referee bool
}

const masterAddr = "10.0.0.1:5050"

// Cluster is what a test function works with. Its methods are for the test's
// own goroutine.
type Cluster struct {
	T       *testing.T
	Net     *memnet.Net
	opts    Options
	log     *slog.Logger
	stage   *stage // nil: the Go scheduler
	record  *record
	taps    []func(memnet.Delivery)
	referee *referee      // nil without
	faults  *fault.Faults // nil until they are asked for
	// chance decides what becomes of each message of a run with a referee; nil: all arrive.
	chance atomic.Pointer[chance]
	// restarts are agents that a rule crashed.
	restarts sync.WaitGroup
	master   *program
	leader   *master.Master
	alloc    *allocator.Actor
	Agents   []*Agent
	// Registry is the disk of the masters' registry; it outlives them.
	Registry *registry.Disk
	// Election is who leads, if there are several masters.
	Election   *leader.Election
	Candidates []*Candidate
	failed     error // why the master gave up

	mu       sync.Mutex // guards what follows: containers start beside each other
	programs []*program
	tasks    taskCounts
	nextHost int
	runs     int // of the master, for its ids
}

// program is one simulated process of an operating system.
type program struct {
	addr string
	sys  *actors.System
	stop func() // waits for what the program has beside its actors; may be nil
	dead atomic.Bool

	// How a rule crashes it, see crashAt. kill does it, where it is more than the end of the program; again starts it
	// afterwards, without its disk if wipe. Either may be nil.
	kill  func()
	again func(wipe bool)
}

// Run starts a cluster in a synctest bubble, runs f in it and ends it.
func Run(t *testing.T, o Options, f func(c *Cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &Cluster{T: t, Net: memnet.NewNet(), opts: o, log: o.Log, nextHost: 10, Registry: &registry.Disk{}, record: newRecord()}
		if c.log == nil {
			c.log = slog.New(slog.DiscardHandler)
			if os.Getenv("SIMTEST_LOG") != "" {
				c.log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
			}
		}
		if c.opts.Resources == "" {
			c.opts.Resources = "cpus:4;mem:4096;disk:10240;ports:[31000-32000]"
		}
		c.watch(c.record.delivered)
		if o.Seed != 0 {
			c.stage = newStage(o.Seed)
			c.Net.SetStage(c.stage)
		}
		if o.Referee {
			c.referee = newReferee(c)
			c.stage.watch(c.referee.turnOver)
			c.Registry.Watch(c.referee.written)
			c.Net.SetFate(c.fate)
			c.tasks.watch = c.referee.started
			c.watch(c.referee.delivered)
		}
		defer c.end()
		c.startMasters()
		for range o.Agents {
			c.AddAgent("")
		}
		c.Advance(time.Second)
		f(c)
	})
}

// Advance lets virtual time pass and everything happen that happens in it.
func (c *Cluster) Advance(d time.Duration) {
	time.Sleep(d)
	c.stage.settle()
}

// Until advances in small steps until the condition holds, and fails the test
// if it does not within the limit. what says what was waited for.
func (c *Cluster) Until(limit time.Duration, what string, holds func() bool) {
	c.T.Helper()
	for start := time.Now(); ; c.Advance(10 * time.Millisecond) {
		c.stage.settle()
		if holds() {
			return
		}
		if time.Since(start) > limit {
			c.T.Fatalf("after %v of virtual time: still waiting for %s", limit, what)
		}
	}
}

func (c *Cluster) newProgram(addr string) *program { return c.newProgramOn(c.Net.Node(addr)) }

func (c *Cluster) newProgramOn(node *memnet.Node) *program {
	options := []actors.Option{actors.WithLogger(c.log)}
	if c.stage != nil {
		options = append(options, actors.WithStage(c.stage))
	}
	p := &program{addr: node.Addr(), sys: actors.NewSystem(node, options...)}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults != nil {
		p.sys.SetFilter(c.faults.Filter)
	}
	c.programs = append(c.programs, p)
	return p
}

// crash ends a program as kill -9 does: nothing that it had is sent any more.
func (c *Cluster) crash(p *program) {
	if p.dead.Swap(true) {
		return
	}
	c.Net.Crash(p.addr)
	p.end()
	c.stage.settle()
}

// watch has f, too, see all that is delivered from now on.
func (c *Cluster) watch(f func(memnet.Delivery)) {
	c.taps = append(c.taps, f)
	taps := slices.Clone(c.taps)
	c.Net.SetTap(func(d memnet.Delivery) {
		for _, tap := range taps {
			tap(d)
		}
	})
}

// end ends what runs in a program.
func (p *program) end() {
	p.sys.Shutdown()
	if p.stop != nil {
		p.stop()
	}
}

func (c *Cluster) end() {
	c.restarts.Wait()
	c.mu.Lock()
	all := slices.Clone(c.programs)
	c.mu.Unlock()
	for _, p := range all {
		c.crash(p)
	}
	c.Advance(2 * time.Second) // the runtime's dead letters keep a goroutine for a second
	if c.stage != nil {
		c.stage.close()
	}
}

// host is a fresh address for a program.
func (c *Cluster) host(port int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextHost++
	return fmt.Sprintf("10.0.%d.%d:%d", c.nextHost/250, c.nextHost%250+1, port)
}

// StartMaster starts a master at the cluster's master address; a second one only after CrashMaster.
func (c *Cluster) StartMaster() {
	c.T.Helper()
	p := c.newProgram(masterAddr)
	m, al := c.lead(p, c.nextMaster(), registry.OpenMemory(c.Registry), func(err error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.failed = err
	})
	p.again = c.masterAgain
	c.master, c.leader, c.alloc = p, m, al
}

// nextMaster is what the next master is started with.
func (c *Cluster) nextMaster() master.Config {
	c.runs++
	conf := c.opts.Master
	conf.ID, conf.Hostname, conf.Log = fmt.Sprintf("master-%d", c.runs), "master.sim", c.log
	return conf
}

// lead starts a master that leads.
func (c *Cluster) lead(p *program, conf master.Config, store registry.Store, failed func(error)) (m *master.Master, al *allocator.Actor) {
	policy, err := allocator.NewPolicy(cmp.Or(c.opts.Policy, "hierarchical"), allocator.PolicyOptions{})
	if err != nil {
		panic(err)
	}
	conf.Store, conf.OnFailed = store, failed
	core := allocator.NewCore(c.opts.Allocator, policy)
	if c.referee != nil {
		core.StartAudit()
	}
	m, err = master.Start(p.sys, conf, func(offers func([]allocator.Offer)) *allocator.Actor {
		al = allocator.NewActor(core, offers)
		return al
	})
	if err != nil {
		panic(err)
	}
	c.referee.leads(p, m, core)
	return m, al
}

// CrashMaster ends the master with all it knew but its registry.
func (c *Cluster) CrashMaster() { c.crash(c.master) }

// MarkGone marks an agent gone as an operator does, and returns the HTTP code of
// the answer.
func (c *Cluster) MarkGone(agentID string) int {
	c.T.Helper()
	code, _ := c.Operator("MARK_AGENT_GONE", `"agent_id":{"value":"`+agentID+`"}`)
	return code
}

// Operator sends a call of the operator API to the master: its type, and what
// stands in its own part. It returns code and text of the answer.
func (c *Cluster) Operator(kind, part string) (int, string) {
	c.T.Helper()
	return c.operator(context.Background(), c.leader, kind, part)
}

// operator sends a call to one master, for as long as ctx lasts.
func (c *Cluster) operator(ctx context.Context, to *master.Master, kind, part string) (int, string) {
	call := fmt.Sprintf(`{"type":%q,%q:{%s}}`, kind, strings.ToLower(kind), part)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1", strings.NewReader(call))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	reg := metrics.NewRegistry()
	defer reg.Close()
	h := master.NewHTTP(operator.Common{Files: files.New(), Metrics: reg}, http.NotFoundHandler())
	h.SetMaster(to)
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// MasterFailed is why the newest master gave up, nil if none did.
func (c *Cluster) MasterFailed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// Master is where the master is, or will be.
func (c *Cluster) Master() actors.UPID { return actors.UPID{ID: "master", Addr: masterAddr} }

// Check fails the test if the allocator's books are not in order. The master must run.
func (c *Cluster) Check() {
	c.T.Helper()
	c.stage.settle()
	checked := make(chan error, 1)
	c.alloc.Check(func(err error) { checked <- err })
	if err := <-checked; err != nil {
		c.T.Fatalf("allocator: %v", err)
	}
}

// Agent is one simulated machine. Its disk outlives crashes of the agent's program.
type Agent struct {
	Disk      *store.Disk
	Sandboxes *Sandboxes
	Volumes   *Volumes
	BootID    string

	c          *Cluster
	addr       string
	resources  resources.Resources
	domain     *v1.DomainInfo
	containers *Containers
	pools      pools
	program    *program

	mu      sync.Mutex
	expect  bool
	refused error
}

// ExpectRefusal says that the agent may end by its master's word.
func (a *Agent) ExpectRefusal() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expect = true
}

// Refused is why the agent ended, nil if it did not.
func (a *Agent) Refused() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refused
}

// Forgive forgets an earlier refusal.
func (a *Agent) Forgive() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused = nil
}

// ID is the agent's id as its disk has it, "" before it registered.
func (a *Agent) ID() string {
	a.c.T.Helper()
	self, err := a.Disk.Agent()
	if err != nil {
		a.c.T.Fatal(err)
	}
	if self == nil {
		return ""
	}
	return self.ID
}

func (a *Agent) onFailed(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refused = err; !a.expect {
		a.c.T.Error(err)
	}
}

// AddAgent starts an agent with the given resources, "" for the cluster's default.
func (c *Cluster) AddAgent(res string) *Agent { return c.AddAgentIn(nil, res) }

// AddAgentIn is AddAgent in a fault domain.
func (c *Cluster) AddAgentIn(domain *v1.DomainInfo, res string) *Agent {
	c.T.Helper()
	if res == "" {
		res = c.opts.Resources
	}
	r, err := resources.Parse(res, "*")
	if err != nil {
		c.T.Fatal(err)
	}
	a := &Agent{Disk: &store.Disk{}, Sandboxes: &Sandboxes{}, Volumes: newVolumes(), BootID: "boot-1", c: c, domain: domain,
		expect: domain == nil && c.opts.Master.RequireAgentDomain, addr: c.host(5051), resources: r}
	a.containers = newContainers(a)
	if c.referee != nil {
		a.Disk.Watch(c.referee.wrote)
	}
	c.Agents = append(c.Agents, a)
	a.Start()
	return a
}

// Start starts the agent's program, the first time or after a crash. It has
// what its disk kept of an earlier run.
func (a *Agent) Start() {
	a.c.T.Helper()
	st, err := store.OpenMemory(a.Disk)
	if err != nil {
		a.c.T.Fatal(err)
	}
	a.program = a.c.newProgram(a.addr)
	a.Volumes.stage, a.Volumes.host = a.c.stage, a.addr
	conf := agent.Config{
		Master: a.c.Master(), Detector: a.c.detector(a.addr), Hostname: "agent.sim", WorkDir: "/sim", LauncherDir: "/sim", Resources: a.resources, Domain: a.domain,
		Containerizer: a.containers, Volumes: a.Volumes, Store: st, BootID: a.BootID, Log: a.c.log, OnFailed: a.onFailed,
		Credential: a.c.opts.Credential, Collect: a.c.opts.Collect, ExecutorReregistrationTimeout: a.c.opts.ExecutorReregistrationTimeout,
	}
	if conf.Collect.Interval != 0 {
		conf.Garbage = a.Sandboxes
	}
	a.lend(&conf)
	if len(a.pools) > 0 {
		conf.LocalProviders = a.pools
	}
	if a.c.opts.Agent != nil {
		a.c.opts.Agent(&conf)
	}
	ag, err := agent.Start(a.program.sys, conf)
	if err != nil {
		a.c.T.Fatal(err)
	}
	a.program.again = a.again
	a.program.stop = func() {
		st.Crash()
		ag.Wait()
	}
}

// Crash ends the agent's program; its executors live on, and its disk keeps
// what was committed.
func (a *Agent) Crash() { a.c.crash(a.program) }

// Reboot crashes the agent and all of its containers, and starts the machine anew.
func (a *Agent) Reboot() {
	a.Crash()
	a.CrashExecutors()
	a.BootID += "+1"
	a.Start()
}

// Addr is the agent's address.
func (a *Agent) Addr() string { return a.addr }

// CrashExecutors ends all containers of the agent.
func (a *Agent) CrashExecutors() { a.containers.crashAll() }

// ExecutorAddrs are the addresses of the programs in the agent's containers.
func (a *Agent) ExecutorAddrs() []string { return a.containers.addrs() }

// Containers is the number of containers that live on the agent's machine.
func (a *Agent) Containers() int { return a.containers.live() }

// Runs is the number of containers, on all machines, in which a task is alive.
func (c *Cluster) Runs(taskID string) int { return c.tasks.alive(taskID) }

// Starts is how often a task was started.
func (c *Cluster) Starts(taskID string) int { return c.tasks.started(taskID) }
