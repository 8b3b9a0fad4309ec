package executor

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"mesos/actors/link"
	"mesos/messages/units"
)

// Defaults of what the environment may leave open.
const (
	DefaultRecoveryTimeout        = 15 * time.Minute
	DefaultSubscriptionBackoffMax = 2 * time.Second
	DefaultShutdownGracePeriod    = 5 * time.Second
)

// TokenVariable is where agents put the Token.
const TokenVariable = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN"

// Config tells a Driver who it is and who its agent is.
type Config struct {
	FrameworkID, ExecutorID, AgentID string
	Agent                            link.UPID
	Directory                        string // sandbox on the host
	Sandbox                          string // sandbox as the executor sees it

	// Token shows the agent whose executor this is; "": the agent gave it none. It is as secret as a password.
	Token string

	// Checkpoint: the executor outlives a lost agent for RecoveryTimeout and
	// tries to reach it at least every SubscriptionBackoffMax; otherwise it
	// shuts down at once.
	Checkpoint             bool
	RecoveryTimeout        time.Duration
	SubscriptionBackoffMax time.Duration
	// ShutdownGracePeriod is the time from SHUTDOWN to being killed.
	ShutdownGracePeriod time.Duration

	// Expired, if set, is called when the grace period is over and the
	// driver was not stopped.
	Expired func()
	// Stopped, if set, is called when the driver has stopped by itself: the
	// agent is gone for good.
	Stopped func()

	// What follows has good defaults, and is there for tests.
	Now    func() time.Time
	UUID   func() []byte  // 16 bytes
	Jitter func() float64 // in [0, 1)
	Log    *slog.Logger
}

// FromEnv reads the variables that the agent sets for every executor. Errors
// name the variable.
func FromEnv(getenv func(string) string) (Config, error) {
	c := Config{
		FrameworkID: getenv("MESOS_FRAMEWORK_ID"),
		ExecutorID:  getenv("MESOS_EXECUTOR_ID"),
		AgentID:     getenv("MESOS_SLAVE_ID"),
		Directory:   getenv("MESOS_DIRECTORY"),
		Sandbox:     getenv("MESOS_SANDBOX"),
		Token:       getenv(TokenVariable),
	}
	for _, v := range []string{"MESOS_FRAMEWORK_ID", "MESOS_EXECUTOR_ID", "MESOS_SLAVE_PID"} {
		if getenv(v) == "" {
			return c, fmt.Errorf("environment: %s is not set; an executor is started by an agent, which sets it", v)
		}
	}
	var err error
	if c.Agent, err = link.ParseUPID(getenv("MESOS_SLAVE_PID")); err != nil {
		return c, fmt.Errorf("environment: MESOS_SLAVE_PID: %w", err)
	}
	switch v := getenv("MESOS_CHECKPOINT"); v {
	case "", "0", "false":
	case "1", "true":
		c.Checkpoint = true
	default:
		return c, fmt.Errorf("environment: MESOS_CHECKPOINT is %q; want 1 or 0", v)
	}
	for _, d := range []struct {
		name string
		to   *time.Duration
	}{
		{"MESOS_RECOVERY_TIMEOUT", &c.RecoveryTimeout},
		{"MESOS_SUBSCRIPTION_BACKOFF_MAX", &c.SubscriptionBackoffMax},
		{"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", &c.ShutdownGracePeriod},
	} {
		v := getenv(d.name)
		if v == "" {
			continue
		}
		if *d.to, err = units.ParseDuration(v); err != nil {
			return c, fmt.Errorf("environment: %s: %w", d.name, err)
		}
	}
	return c.withDefaults(), nil
}

// LinkBackoff bounds how long the link to an absent agent may rest between two
// attempts, so that the agent hears of this executor in time when it is back.
func (c Config) LinkBackoff() time.Duration { return c.withDefaults().SubscriptionBackoffMax / 2 }

// Environ is the inverse of FromEnv, for agents: the variables, as
// "NAME=value", that make an executor find this Config.
func (c Config) Environ() []string {
	c = c.withDefaults()
	checkpoint := "0"
	if c.Checkpoint {
		checkpoint = "1"
	}
	env := []string{
		"MESOS_FRAMEWORK_ID=" + c.FrameworkID,
		"MESOS_EXECUTOR_ID=" + c.ExecutorID,
		"MESOS_DIRECTORY=" + c.Directory,
		"MESOS_SANDBOX=" + c.Sandbox,
		"MESOS_SLAVE_ID=" + c.AgentID,
		"MESOS_SLAVE_PID=" + c.Agent.String(),
		"MESOS_AGENT_ENDPOINT=" + c.Agent.Addr,
		"MESOS_CHECKPOINT=" + checkpoint,
		"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD=" + units.FormatDuration(c.ShutdownGracePeriod),
		"LIBPROCESS_PORT=0",
	}
	if c.Checkpoint {
		env = append(env,
			"MESOS_RECOVERY_TIMEOUT="+units.FormatDuration(c.RecoveryTimeout),
			"MESOS_SUBSCRIPTION_BACKOFF_MAX="+units.FormatDuration(c.SubscriptionBackoffMax))
	}
	if c.Token != "" {
		env = append(env, TokenVariable+"="+c.Token)
	}
	return env
}

func (c Config) withDefaults() Config {
	if c.RecoveryTimeout <= 0 {
		c.RecoveryTimeout = DefaultRecoveryTimeout
	}
	if c.SubscriptionBackoffMax <= 0 {
		c.SubscriptionBackoffMax = DefaultSubscriptionBackoffMax
	}
	if c.ShutdownGracePeriod <= 0 {
		c.ShutdownGracePeriod = DefaultShutdownGracePeriod
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.UUID == nil {
		c.UUID = RandomUUID
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// RandomUUID makes the 16 bytes of a uuid of version 4. The generator is seeded by the system; uuids
// must be unique, not secret.
func RandomUUID() []byte {
	b := make([]byte, 0, 16)
	for range 2 {
		n := rand.Uint64()
		for i := range 8 {
			b = append(b, byte(n>>(8*i)))
		}
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return b
}
