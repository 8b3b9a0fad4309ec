package agent

import (
	"log/slog"
	"time"

	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Config is what an agent is started with. Zero durations mean Mesos's defaults.
type Config struct {
	Version       string // of Mesos, whose wire is spoken; clients parse it ("1.11.0")
	Master        actors.UPID
	Hostname      string
	WorkDir       string // absolute; sandboxes are below it
	LauncherDir   string // where mesos-executor is
	Resources     resources.Resources
	Attributes    []*v1.Attribute
	Domain        *v1.DomainInfo
	Containerizer containerizer.Containerizer
	SwitchUser    bool // run executors as the framework's or command's user

	RegistrationBackoff          time.Duration // first re-registration happens within this (1 s), then doubles up to 1 min
	ExecutorRegistrationTimeout  time.Duration // an executor that has not subscribed by then is killed (1 min)
	ExecutorShutdownGrace        time.Duration // from SHUTDOWN to SIGKILL (5 s)
	RecoveryTimeout              time.Duration // executors wait so long for an absent agent (15 min)
	ExecutorReregistrationTimout time.Duration // bound of an executor's subscription backoff (2 s)
	HeartbeatInterval            time.Duration // of executor streams (30 min)
	MaxCompletedExecutors        int           // history per framework (150)
	ExecutorEnvironment          map[string]string

	Metrics   *metrics.Registry // where the agent's numbers go; made if nil
	Sandboxes Sandboxes         // told of sandboxes to be served; may be nil
	OnRefused func(error)       // the master refused this agent; called once, on the actor
	Log       *slog.Logger
}

// Sandboxes makes sandboxes readable under virtual paths; see package files.
type Sandboxes interface {
	Attach(virtual, real string) error
	Detach(virtual string)
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
	def(&c.ExecutorReregistrationTimout, 2*time.Second)
	def(&c.HeartbeatInterval, 30*time.Minute)
	if c.MaxCompletedExecutors == 0 {
		c.MaxCompletedExecutors = 150
	}
	if c.Metrics == nil {
		c.Metrics = metrics.NewRegistry()
	}
	if c.Version == "" {
		c.Version = "1.11.0"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.OnRefused == nil {
		c.OnRefused = func(error) {}
	}
	return c
}
