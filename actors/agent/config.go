package agent

import (
	"log/slog"
	"time"

	"mesos/actors"
	"mesos/actors/agent/gc"
	"mesos/actors/agent/oversubscription"
	"mesos/actors/agent/store"
	"mesos/actors/authentication"
	"mesos/actors/containerizer"
	"mesos/actors/metrics"
	"mesos/actors/tracing"
	"mesos/actors/volume"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry/leader"
)

// Config is what an agent is started with. Zero durations mean Mesos's defaults.
type Config struct {
	Version    string                     // of Mesos, whose wire is spoken; clients parse it ("1.11.0")
	Master     actors.UPID                // who leads; a Detector changes it
	Detector   leader.Detector            // tells who leads; nil: Master always does
	Credential *authentication.Credential // shown to masters; nil: there is none
	// ExecutorKey signs what executors show, who find it in their environment; nil: they are given nothing.
	ExecutorKey           authentication.Key
	AuthenticateExecutors bool // those that do not show it are not heard; needs ExecutorKey
	Hostname              string
	WorkDir               string // absolute; sandboxes are below it
	LauncherDir           string // where mesos-executor is
	Resources             resources.Resources
	Attributes            []*v1.Attribute
	Domain                *v1.DomainInfo
	Containerizer         containerizer.Containerizer
	Store                 Store
	Volumes               Volumes           // those of package volume in WorkDir if nil
	BootID                string            // of this run of the machine; another than that in the store: nothing lives any more
	Reconfigure           Reconfiguration   // what may differ from the agent that the store knows
	Container             *v1.ContainerInfo // of executors that bring none, of type MESOS; nil: they have none
	Isolates              bool              // containers are held to their resources: those of an executor follow its tasks
	SwitchUser            bool              // run executors as the framework's or command's user

	RegistrationBackoff           time.Duration // first re-registration happens within this (1 s), then doubles up to 1 min
	ExecutorRegistrationTimeout   time.Duration // an executor that has not subscribed by then is killed (1 min)
	ExecutorShutdownGrace         time.Duration // from SHUTDOWN to SIGKILL (5 s)
	RecoveryTimeout               time.Duration // executors wait so long for an absent agent (15 min)
	ExecutorReregistrationTimeout time.Duration // so long executors have to come back to a restarted agent, and their longest subscription backoff (2 s)
	HeartbeatInterval             time.Duration // of executor streams (30 min)
	IOHeartbeat                   time.Duration // of streams of a container's output (30 s)
	MaxCompletedExecutors         int           // history per framework (150)
	ExecutorEnvironment           map[string]string
	ExecutorTLS                   map[string]string // LIBPROCESS_SSL_… for executors of frameworks
	Collect                       gc.Policy         // how long sandboxes stay; counts if there is Garbage
	CollectInner                  bool              // those of nested and standalone containers, too, each from its own end on

	// What is lent beyond Resources, see package oversubscription.
	Estimator              oversubscription.Estimator               // nil: nothing
	QoS                    oversubscription.Controller              // who ends for others; nil: nobody
	Machine                func() (oversubscription.Machine, error) // measures, beside the actor; nil: nor are containers measured
	OversubscribedInterval time.Duration                            // how often the estimator is asked (15 s)
	QoSInterval            time.Duration                            // the least time between two questions to QoS; a second at least

	LocalProviders LocalProviders // resource providers in this program; nil: none
	Images         ImageStore     // images of containers; nil: there are none

	Metrics   *metrics.Registry // where the agent's numbers go; made if nil
	Doors     Doors             // by which executors reach the agent without TLS; nil: it takes them without
	Sandboxes Sandboxes         // told of sandboxes to be served; may be nil
	Garbage   Garbage           // removes sandboxes that are over; nil: they stay
	OnFailed  func(error)       // the agent cannot go on, refused by the master, say; called on the actor
	Tracer    *tracing.Tracer   // told of the way of tasks; nil: nobody is
	Log       *slog.Logger
}

// Store keeps what survives the agent; see package store.
type Store interface {
	// Load is what an earlier run left.
	Load() *store.State
	// Commit makes writes durable and then calls then, on any goroutine, in
	// the order of the calls. It does not block. then may be nil.
	Commit(then func(), writes ...store.Write)
}

// Doors are sockets in sandboxes; see package door.
type Doors interface {
	// Open makes the socket in a sandbox, which is there. It may be called from any goroutine.
	Open(sandbox string) error
	// Close ends it, if there is one.
	Close(sandbox string)
}

// Sandboxes makes sandboxes readable under virtual paths; see package files.
type Sandboxes interface {
	Attach(virtual, real string) error
	Detach(virtual string)
}

// Garbage is the disk that sandboxes lie on; see package gc. Its methods are
// called beside the actor.
type Garbage interface {
	Find() ([]gc.Found, error)
	Usage() (float64, error)
	Touch(path string, ended time.Time) error
	Remove(path string) error
}

func (c Config) withDefaults() Config {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&c.RegistrationBackoff, time.Second)
	def(&c.ExecutorRegistrationTimeout, time.Minute)
	def(&c.ExecutorShutdownGrace, 5*time.Second)
	def(&c.RecoveryTimeout, 15*time.Minute)
	def(&c.ExecutorReregistrationTimeout, 2*time.Second)
	def(&c.HeartbeatInterval, 30*time.Minute)
	def(&c.IOHeartbeat, 30*time.Second)
	def(&c.OversubscribedInterval, 15*time.Second)
	if c.MaxCompletedExecutors == 0 {
		c.MaxCompletedExecutors = 150
	}
	if c.Metrics == nil {
		c.Metrics = metrics.NewRegistry()
	}
	if c.Volumes == nil {
		c.Volumes = volume.New(c.WorkDir)
	}
	if c.Version == "" {
		c.Version = "1.11.0"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.OnFailed == nil {
		c.OnFailed = func(error) {}
	}
	return c
}
