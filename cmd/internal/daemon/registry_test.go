package daemon

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestRegistryFlags(t *testing.T) {
	for _, c := range []struct {
		flags map[string]string
		want  string // part of the error, "" for none
	}{
		{map[string]string{"work_dir": "/w"}, ""},
		{nil, "flag --work_dir"},
		{map[string]string{"registry": "in_memory"}, ""},
		{map[string]string{"registry": "replicated_log", "work_dir": "/w"}, "flag --registry: replicated_log is not supported"},
		{map[string]string{"work_dir": "/w", "registry_store_timeout": "0secs"}, "flag --registry_store_timeout"},
		{map[string]string{"work_dir": "/w", "registry_max_agent_count": "0"}, "flag --registry_max_agent_count"},
		{map[string]string{"work_dir": "/w", "zk_announce": "zk://a:1,b:2/mesos"}, ""},
		{map[string]string{"work_dir": "/w", "zk_announce": "a:1"}, "flag --zk_announce"},
		{map[string]string{"work_dir": "/w", "zk_announce": "zk://a:1/mesos", "zk_session_timeout": "0secs"}, "flag --zk_session_timeout"},
	} {
		f := MasterFlags()
		if err := f.SetAll(c.flags); err != nil {
			t.Fatal(err)
		}
		_, err := MasterFrom(f)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: got %v, want %q", c.flags, err, c.want)
		}
	}
	f := MasterFlags()
	if err := f.SetAll(map[string]string{
		"work_dir": "/w", "agent_removal_rate_limit": "2/10mins", "recovery_agent_removal_limit": "25%", "registry_max_agent_age": "1hrs",
	}); err != nil {
		t.Fatal(err)
	}
	s, err := MasterFrom(f)
	if err != nil {
		t.Fatal(err)
	}
	if c := s.Config; c.AgentRemovalInterval != 5*time.Minute || c.RecoveredAgentsNeeded != 0.75 || c.RegistryMaxAgentAge != time.Hour || c.RegistryStoreTimeout != 20*time.Second {
		t.Errorf("got %v between removals, %v needed, age %v, store timeout %v", c.AgentRemovalInterval, c.RecoveredAgentsNeeded, c.RegistryMaxAgentAge, c.RegistryStoreTimeout)
	}
}

// Who brings the flags of Mesos along is told what there is instead.
func TestZkFlag(t *testing.T) {
	err := MasterFlags().SetAll(map[string]string{"work_dir": "/w", "zk": "zk://a:1/mesos"})
	if err == nil || !strings.Contains(err.Error(), "--consul=") || !strings.Contains(err.Error(), "--zk_announce=") {
		t.Errorf("--zk: got %v, want an error that names --consul and --zk_announce", err)
	}
}

func TestMasters(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:5050": "address", "master@127.0.0.1:5050": "address", "zk://a:1/mesos": "detector", "consul://a:1/mesos": "detector",
		"zk://a": "error", "consul://a:1": "error", "127.0.0.1": "error", "etcd://a:1/mesos": "error",
	} {
		at, d, err := Masters(text, 0, slog.New(slog.DiscardHandler))
		got := "address"
		switch {
		case err != nil:
			got = "error"
		case d != nil:
			got = "detector"
		case at.String() != "master@127.0.0.1:5050":
			got = at.String()
		}
		if got != want || (d != nil) != Elected(text) && err == nil {
			t.Errorf("%s: got %s (%v), want %s", text, got, err, want)
		}
	}
}
