package master

import (
	"log/slog"
	"net"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/authentication"
	"mesos/actors/authorization"
	"mesos/actors/metrics"
	"mesos/actors/secure"
	"mesos/actors/tracing"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// Config is what a master is started with. Zero durations and counts mean the
// defaults of [Config.withDefaults].
type Config struct {
	Version  string // of Mesos, whose wire is spoken; clients parse it ("1.11.0")
	ID       string // uuid of this master run; part of every id it hands out
	Hostname string // published in MasterInfo and redirects
	Cluster  string // display name
	Domain   *v1.DomainInfo
	// RequireAgentDomain refuses agents without a fault domain.
	RequireAgentDomain bool

	AgentPingTimeout       time.Duration              // how long one pong may take (15 s)
	MaxAgentPingTimeouts   int                        // missed pongs until an agent is unreachable (5)
	AgentReregisterTimeout time.Duration              // how long agents of an earlier master, and frameworks known only from agents, may stay away (10 min)
	AgentRemovalInterval   time.Duration              // between two agents that are marked unreachable; 0 = none
	RecoveredAgentsNeeded  float64                    // share of an earlier master's agents, 0 to 1, without which this one fails rather than mark the rest unreachable
	MaxExecutorsPerAgent   int                        // an agent with so many executors of frameworks' own is not offered; 0 = any number
	OfferTimeout           time.Duration              // unanswered offers are rescinded after this; 0 = never
	HeartbeatInterval      time.Duration              // of scheduler streams (15 s)
	NoFrameworkMetrics     bool                       // master/frameworks/* are left out of the metrics
	NoRootSubmissions      bool                       // frameworks whose user is root may not subscribe
	MaxCompletedFrameworks int                        // history (50)
	MaxCompletedTasks      int                        // history per framework (1000)
	MaxUnreachableTasks    int                        // history per framework (1000)
	OfferConstraints       allocator.RegexpLimits     // of the regular expressions in offer constraints
	Credentials            authentication.Credentials // of agents and drivers that authenticate; nil: none can
	AuthenticateAgents     bool                       // agents that have not are not heard
	AuthenticateFrameworks bool                       // nor drivers
	AuthenticationTimeout  time.Duration              // for one that authenticates (15 s)
	TLS                    *secure.TLS                // how programs of the cluster speak; nil: without TLS
	Rules                  *authorization.Rules       // of who may do what; nil: everybody everything
	RateLimits             *v1.RateLimits             // of drivers, by principal; see [throttle.Check]; nil = none
	Roles                  []string                   // that frameworks, quotas and weights may name; nil = any
	Weights                map[string]float64         // of roles, as long as none was set at run time
	Metrics                *metrics.Registry          // where the master's numbers go; made if nil
	Flags                  map[string]string          // shown by /state
	Build                  *v1.VersionInfo            // shown by /state and GET_VERSION; Version alone if nil
	HistoryInterval        time.Duration              // between two samples of used resources for the charts of the web pages; 0 = none are taken
	MaxSubscribers         int                        // of operator event streams; above it the oldest is dropped (1000)
	SubscriberQueue        int                        // bytes that may wait for one of them (32 MiB)
	Tracer                 *tracing.Tracer            // told of the way of tasks; nil: nobody is
	Log                    *slog.Logger

	Store                 registry.Store // what must survive; forgotten with the program if nil. The caller closes it
	RegistryFetchTimeout  time.Duration  // for reading all of it (1 min)
	RegistryStoreTimeout  time.Duration  // for one write (20 s)
	RegistryGCInterval    time.Duration  // between two looks for old entries (15 min)
	RegistryMaxAgentAge   time.Duration  // of entries of unreachable and gone agents and removed frameworks (2 weeks)
	RegistryMaxAgentCount int            // of each of them (102400)
	OnFailed              func(error)    // the master must end: it cannot use its registry, or lost it. Runs on any goroutine
}

func (c Config) withDefaults() Config {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	defInt := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	def(&c.AgentPingTimeout, 15*time.Second)
	def(&c.AgentReregisterTimeout, 10*time.Minute)
	def(&c.HeartbeatInterval, 15*time.Second)
	def(&c.RegistryGCInterval, 15*time.Minute)
	def(&c.RegistryMaxAgentAge, 14*24*time.Hour)
	defInt(&c.RegistryMaxAgentCount, 102400)
	defInt(&c.MaxAgentPingTimeouts, 5)
	defInt(&c.MaxCompletedFrameworks, 50)
	defInt(&c.MaxCompletedTasks, 1000)
	defInt(&c.MaxUnreachableTasks, 1000)
	defInt(&c.MaxSubscribers, 1000)
	defInt(&c.SubscriberQueue, 32<<20)
	if c.Metrics == nil {
		c.Metrics = metrics.NewRegistry()
	}
	if c.Version == "" {
		c.Version = "1.11.0"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.OnFailed == nil {
		c.OnFailed = func(err error) { c.Log.Error("the master cannot go on", "error", err) }
	}
	return c
}

// Info describes the master that [Start] would start on a system of the given
// address: what it tells of itself before it leads.
func Info(conf Config, addr string) *v1.MasterInfo {
	return masterInfo(conf.withDefaults(), actors.UPID{ID: "master", Addr: addr})
}

// masterInfo describes this master to schedulers, agents and /state.
func masterInfo(c Config, self actors.UPID) *v1.MasterInfo {
	host, port := splitAddr(self.Addr)
	info := &v1.MasterInfo{
		Id:       proto.String(c.ID),
		Ip:       proto.Uint32(networkOrder(host)),
		Port:     proto.Uint32(uint32(port)),
		Pid:      proto.String(self.String()),
		Hostname: proto.String(c.Hostname),
		Version:  proto.String(c.Version),
		Address:  &v1.Address{Hostname: proto.String(c.Hostname), Ip: proto.String(host), Port: proto.Int32(int32(port))},
		Domain:   c.Domain,
	}
	// This is what schedulers are told. mesos-go's JSON decoder drops a SUBSCRIBED
	// with a capability younger than itself, as QUOTA_V2 is: that one is shown to
	// operators alone, see [Master.masterView].
	info.Capabilities = []*v1.MasterInfo_Capability{
		{Type: v1.MasterInfo_Capability_AGENT_UPDATE.Enum()}, {Type: v1.MasterInfo_Capability_AGENT_DRAINING.Enum()},
	}
	return info
}

// splitAddr splits host:port; the port is 0 if addr has none, as in some tests.
func splitAddr(addr string) (host string, port int) {
	h, p, err := net.SplitHostPort(addr)
	if err != nil {
		return addr, 0
	}
	n, err := net.LookupPort("tcp", p)
	if err != nil {
		return h, 0
	}
	return h, n
}

// networkOrder is the integer form of an IPv4 address that MasterInfo.ip
// carries: the four bytes as they lie in memory, read little-endian.
func networkOrder(host string) uint32 {
	ip := net.ParseIP(host).To4()
	if ip == nil {
		return 0
	}
	return uint32(ip[0]) | uint32(ip[1])<<8 | uint32(ip[2])<<16 | uint32(ip[3])<<24
}
