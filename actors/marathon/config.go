package marathon

import (
	"context"
	"log/slog"
	"time"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/checks"
	"mesos/registry"
	"mesos/registry/leader"
)

// Config says what marathon is told from outside.
type Config struct {
	Master     actors.UPID                // master@host:port
	Detector   leader.Detector            // tells who leads instead; nil: Master always does
	Credential *authentication.Credential // what it authenticates with; nil: with nothing
	Store      registry.Store             // what it must not forget; open as long as it runs

	Name            string        // of the framework; "marathon" if empty
	Principal       string        // of the framework; "": none
	User            string        // that tasks run as, unless they say another; "": as the agent
	Role            string        // of the framework; "*" if empty
	Hostname        string        // told to the master
	WebURL          string        // told to the master
	FailoverTimeout time.Duration // how long tasks outlive marathon; a week if 0
	LaunchTimeout   time.Duration // an instance that does not run after it is replaced; 5 minutes if 0
	PortMin         int           // of service ports that are assigned; 10000 if 0
	PortMax         int           // 20000 if 0
	Versions        int           // of each app that are kept; 25 if 0

	// Probe makes the health checks that are marathon's; Get those of readiness.
	// They run on goroutines of their own. nil: over the network.
	Probe func(ctx context.Context, p checks.Probe) checks.Result
	Get   func(ctx context.Context, url string) (status int, contentType, body string, err error)

	// OnFailed is told, once, why marathon cannot go on: it is deposed, or refused.
	OnFailed func(error)
	Log      *slog.Logger
}

// defaults fills in what was left out.
func (c *Config) defaults() {
	if c.Name == "" {
		c.Name = "marathon"
	}
	if c.Role == "" {
		c.Role = "*"
	}
	if c.FailoverTimeout == 0 {
		c.FailoverTimeout = 7 * 24 * time.Hour
	}
	if c.LaunchTimeout == 0 {
		c.LaunchTimeout = 5 * time.Minute
	}
	if c.PortMin == 0 {
		c.PortMin, c.PortMax = 10000, 20000
	}
	if c.Versions == 0 {
		c.Versions = 25
	}
	if c.Probe == nil {
		c.Probe = probe
	}
	if c.Get == nil {
		c.Get = get
	}
	if c.OnFailed == nil {
		c.OnFailed = func(error) {}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}
