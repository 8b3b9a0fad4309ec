package executor

import (
	"strings"
	"testing"
	"time"

	"mesos/actors/link"
)

// getenv looks a variable up in "NAME=value" entries; later ones win.
func getenv(env ...string) func(string) string {
	return func(name string) (value string) {
		for _, e := range env {
			if n, v, _ := strings.Cut(e, "="); n == name {
				value = v
			}
		}
		return value
	}
}

func TestEnvironRoundTrip(t *testing.T) {
	c := Config{
		FrameworkID: "F", ExecutorID: "E", AgentID: "A", Agent: link.UPID{ID: "slave(1)", Addr: "127.0.0.1:5051"},
		Directory: "/host/dir", Sandbox: "/mnt/sandbox",
		Checkpoint: true, RecoveryTimeout: 90 * time.Second, SubscriptionBackoffMax: 1500 * time.Millisecond, ShutdownGracePeriod: 7 * time.Second,
	}
	env := c.Environ()
	got, err := FromEnv(getenv(env...))
	if err != nil {
		t.Fatal(err)
	}
	got.Now, got.UUID, got.Jitter, got.Log = nil, nil, nil, nil
	same := func(a, b Config) bool {
		return a.FrameworkID == b.FrameworkID && a.ExecutorID == b.ExecutorID && a.AgentID == b.AgentID && a.Agent == b.Agent &&
			a.Directory == b.Directory && a.Sandbox == b.Sandbox && a.Checkpoint == b.Checkpoint && a.RecoveryTimeout == b.RecoveryTimeout &&
			a.SubscriptionBackoffMax == b.SubscriptionBackoffMax && a.ShutdownGracePeriod == b.ShutdownGracePeriod
	}
	if !same(got, c) {
		t.Errorf("got %+v, want %+v", got, c)
	}
	for _, want := range []string{"MESOS_AGENT_ENDPOINT=127.0.0.1:5051", "MESOS_RECOVERY_TIMEOUT=90secs", "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD=7secs", "LIBPROCESS_PORT=0"} {
		if n, v, _ := strings.Cut(want, "="); getenv(env...)(n) != v {
			t.Errorf("got %v, want %s in it", env, want)
		}
	}
	c.Checkpoint = false
	if v := getenv(c.Environ()...)("MESOS_RECOVERY_TIMEOUT"); v != "" {
		t.Errorf("got MESOS_RECOVERY_TIMEOUT=%s without checkpoint, want it unset", v)
	}
}

func TestFromEnvErrors(t *testing.T) {
	good := (Config{FrameworkID: "F", ExecutorID: "E", Agent: link.UPID{ID: "a", Addr: "127.0.0.1:1"}}).Environ()
	if c, err := FromEnv(getenv(good...)); err != nil || c.RecoveryTimeout != DefaultRecoveryTimeout {
		t.Fatalf("got %+v, %v, want defaults", c, err)
	}
	for _, bad := range []string{
		"MESOS_FRAMEWORK_ID=", "MESOS_EXECUTOR_ID=", "MESOS_SLAVE_PID=", "MESOS_SLAVE_PID=nobody", "MESOS_CHECKPOINT=maybe",
		"MESOS_RECOVERY_TIMEOUT=5", "MESOS_SUBSCRIPTION_BACKOFF_MAX=5 secs", "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD=-1secs",
	} {
		name, _, _ := strings.Cut(bad, "=")
		if _, err := FromEnv(getenv(append(good, bad)...)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want an error that names the variable", bad, err)
		}
	}
}
