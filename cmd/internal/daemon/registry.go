package daemon

import (
	"errors"
	"fmt"
	"os"
	"time"

	"mesos/cmd/flags"
	"mesos/registry"
	"mesos/registry/consul"
)

// The registries that a master can keep.
const (
	RegistryBolt   = "bbolt"     // a file of the work directory
	RegistryMemory = "in_memory" // nothing survives the master
	RegistryConsul = "consul"    // keys in Consul, of all masters of a cluster
)

// registryFrom reads what the flags say of the registry and of agents that do not
// come back.
func registryFrom(f *flags.Set, s *MasterSettings) error {
	s.Registry, s.WorkDir, s.Consul = f.String("registry"), f.String("work_dir"), f.String("consul")
	switch {
	case s.Consul != "" && f.Given("registry") && s.Registry != RegistryConsul:
		return fmt.Errorf("flag --registry: %s cannot be shared: the masters of --consul keep their registry there; leave the flag away", s.Registry)
	case s.Consul == "" && s.Registry == RegistryConsul:
		return errors.New("flag --consul: --registry=consul needs to know where Consul is: write consul://host:port,host:port/path")
	case s.Consul == "" && f.Int("quorum") > 1:
		return fmt.Errorf("flag --quorum: %d masters are several, and several elect their leader in Consul, with a registry there: write --consul=consul://host:port,host:port/path", f.Int("quorum"))
	case s.Consul != "":
		s.Registry = RegistryConsul
		if _, err := consul.Parse(s.Consul); err != nil {
			return fmt.Errorf("flag --consul: %w", err)
		}
	case s.Registry == RegistryBolt && s.WorkDir == "":
		return fmt.Errorf("flag --work_dir: --registry=%s needs a directory to keep the registry in; for a master that forgets everything say --registry=%s", RegistryBolt, RegistryMemory)
	case s.Registry != RegistryBolt && s.Registry != RegistryMemory:
		return fmt.Errorf("flag --registry: %s is not supported: %s keeps the registry of a single master", s.Registry, RegistryBolt)
	}
	c := &s.Config
	c.RegistryFetchTimeout, c.RegistryStoreTimeout = f.Duration("registry_fetch_timeout"), f.Duration("registry_store_timeout")
	c.RegistryGCInterval, c.RegistryMaxAgentAge = f.Duration("registry_gc_interval"), f.Duration("registry_max_agent_age")
	c.RegistryMaxAgentCount = f.Int("registry_max_agent_count")
	for name, d := range map[string]time.Duration{
		"registry_fetch_timeout": c.RegistryFetchTimeout, "registry_store_timeout": c.RegistryStoreTimeout,
		"registry_gc_interval": c.RegistryGCInterval, "registry_max_agent_age": c.RegistryMaxAgentAge,
	} {
		if d <= 0 {
			return fmt.Errorf("flag --%s: %v must be above zero", name, d)
		}
	}
	if c.RegistryMaxAgentCount == 0 {
		return errors.New("flag --registry_max_agent_count: 0 must be above zero")
	}
	c.RecoveredAgentsNeeded = 1 - f.Float("recovery_agent_removal_limit")
	if f.Has("agent_removal_rate_limit") {
		rate := f.Rate("agent_removal_rate_limit")
		c.AgentRemovalInterval = rate.Per / time.Duration(rate.Events)
	}
	return nil
}

// openRegistry opens the registry of a master. Who wants to begin afresh forgets
// the agents and frameworks in it.
func openRegistry(s MasterSettings) (registry.Store, error) {
	if s.Registry != RegistryBolt {
		return registry.NewMemory(), nil
	}
	if err := os.MkdirAll(s.WorkDir, 0o755); err != nil {
		return nil, fmt.Errorf("work_dir: %w", err)
	}
	st, err := registry.OpenBolt(s.WorkDir)
	if err != nil || !s.Fresh {
		return st, err
	}
	if err := st.ForgetCluster(); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}
