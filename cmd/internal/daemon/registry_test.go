package daemon

import (
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
