package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"mesos/actors/agent"
	"mesos/actors/agent/gc"
	"mesos/actors/allocator"
	"mesos/actors/logging"
	"mesos/actors/master"
	"mesos/actors/master/throttle"
	"mesos/cmd/flags"
	"mesos/cmd/internal/ssl"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
	"mesos/messages/resources"
)

// commonSupported are the flags of both daemons that are acted on.
var commonSupported = []string{
	"ip", "ip_discovery_command", "port", "advertise_ip", "advertise_port", "hostname", "hostname_lookup", "domain",
	"quiet", "logging_level", "log_dir", "external_log_file", "firewall_rules", "memory_profiling", "work_dir",
	"authenticate_http_readonly", "authenticate_http_readwrite", "http_authenticators", "acls",
}

// ownMasterFlags are those that Mesos does not have.
var ownMasterFlags = []flags.Def{
	{Name: "consul", DefaultText: "standalone", Usage: "where masters elect their leader and keep the registry: consul://host:port,host:port/path, and behind it what is needed of " +
		"?datacenter=, token_file=, ca_file=, cert_file=, key_file=, tls=true, session_ttl=10s, check_ttl=1s, lock_delay=1s, joined by &"},
	{Name: "zk_announce", DefaultText: "nowhere", Usage: "where a master that leads tells so to clients that only know ZooKeeper: zk://host:port,host:port/path or zk://user:password@…; ZooKeeper elects nobody"},
	{Name: "preempt", Kind: flags.Bool, Default: "false", Usage: "with --allocator=priority: kill tasks of frameworks with the capability REVOCABLE_RESOURCES for what a framework of higher priority REQUESTs"},
}

// MasterFlags are the flags of mesos-master.
func MasterFlags() *flags.Set {
	s := flags.NewSet(slices.Concat(flags.Master(), ownMasterFlags, observeFlags), FaultFlags)
	s.Support(commonSupported...)
	s.Support("agent_ping_timeout", "max_agent_ping_timeouts", "agent_reregister_timeout", "offer_timeout", "root_submissions", "publish_per_framework_metrics", "cluster",
		"max_completed_frameworks", "max_completed_tasks_per_framework", "max_unreachable_tasks_per_framework", "max_operator_event_stream_subscribers", "allocation_interval",
		"filter_gpu_resources", "min_allocatable_resources", "fair_sharing_excluded_resource_names",
		"max_executors_per_agent", "consul", "zk_announce", "zk_session_timeout", "registry", "registry_fetch_timeout", "registry_store_timeout", "registry_gc_interval", "registry_max_agent_age", "registry_max_agent_count",
		"recovery_agent_removal_limit", "agent_removal_rate_limit", "rate_limits", "require_agent_domain", "allocator", "allocator_agent_recovery_factor", "allocator_recovery_timeout", "role_sorter", "framework_sorter", "roles", "weights", "whitelist", "quorum", "offer_constraints_re2_max_mem", "offer_constraints_re2_max_program_size")
	s.Support("authenticate_http_frameworks", "http_framework_authenticators", "credentials", "authenticate_agents", "authenticate_frameworks", "authenticators", "authentication_v0_timeout", "authorizers")
	s.Default("registry", RegistryBolt)
	s.Default("offer_timeout", "5mins")
	return s
}

// AgentFlags are the flags of mesos-agent.
func AgentFlags() *flags.Set {
	s := flags.NewSet(slices.Concat(flags.Agent(), ownAgentFlags, observeFlags), FaultFlags)
	s.Support(commonSupported...)
	s.Support("master", "zk_session_timeout", "resources", "attributes", "default_role", "launcher_dir", "switch_user", "frameworks_home", "registration_backoff_factor",
		"executor_environment_variables", "executor_registration_timeout", "executor_reregistration_timeout", "executor_shutdown_grace_period",
		"default_container_info", "jwt_secret_key", authenticateExecutors, "recovery_timeout", "recover", "reconfiguration_policy", "strict", "max_completed_executors_per_framework", "launcher", "http_heartbeat_interval")
	s.Support("fetcher_stall_timeout", "fetcher_cache_dir", "fetcher_cache_size", "hadoop_home", "gc_delay", "gc_disk_headroom", "disk_watch_interval",
		"gc_non_executor_container_sandboxes", "container_logger", "modules", "resource_provider_config_dir", "http_credentials", "credential", "authenticatee", "authorizer", "systemd_enable_support", "systemd_runtime_directory")
	s.Support(isolationFlags...)
	s.Support(imageFlags...)
	s.Support(oversubscriptionFlags...)
	s.Support(containerizerFlags...)
	s.Require("master", "work_dir")
	return s
}

// Logging makes the log of a daemon in the form and at the level that the flags ask for, and what can change it.
func Logging(f *flags.Set) (*slog.Logger, *logging.Level) {
	v := &slog.LevelVar{}
	v.Set(level(f))
	format := "text"
	if f.Defines("log_format") {
		format = f.String("log_format")
	}
	return Logger(format, v), logging.New(v)
}

func level(f *flags.Set) slog.Level {
	if f.Bool("quiet") {
		return slog.LevelError + 1
	}
	return threshold(f)
}

// threshold is what --logging_level says.
func threshold(f *flags.Set) slog.Level {
	switch f.String("logging_level") {
	case "WARNING":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	}
	return slog.LevelInfo
}

func addressFrom(f *flags.Set) (Address, error) {
	a := Address{
		IP: f.String("ip"), Port: f.Int("port"), AdvertiseIP: f.String("advertise_ip"), AdvertisePort: f.Int("advertise_port"),
		Hostname: f.String("hostname"), NoLookup: !f.Bool("hostname_lookup"),
	}
	log, _ := Logging(f)
	var err error
	if a.TLS, err = ssl.FromEnvironment(os.Environ(), true, log); err != nil {
		return a, err
	}
	if found, err := discoverIP(f); err != nil {
		return a, err
	} else if found != "" {
		a.IP = found
	}
	for name, ip := range map[string]string{"ip": a.IP, "advertise_ip": a.AdvertiseIP} {
		if ip != "" && net.ParseIP(ip) == nil {
			return a, fmt.Errorf("flag --%s: %q is not an IP address", name, ip)
		}
	}
	return a, nil
}

func domainFrom(f *flags.Set) (*v1.DomainInfo, error) {
	text := f.String("domain")
	if text == "" {
		return nil, nil
	}
	d := &v1.DomainInfo{}
	if err := mesosjson.Unmarshal([]byte(text), d); err != nil {
		return nil, fmt.Errorf("flag --domain: %w", err)
	}
	return d, nil
}

// MasterFrom reads the settings of a master from its flags.
func MasterFrom(f *flags.Set) (MasterSettings, error) {
	addr, err := addressFrom(f)
	if err != nil {
		return MasterSettings{}, err
	}
	domain, err := domainFrom(f)
	if err != nil {
		return MasterSettings{}, err
	}
	s := MasterSettings{
		Address: addr, Flags: f.Values(), AllocationInterval: f.Duration("allocation_interval"), FilterGPUs: f.Bool("filter_gpu_resources"), Preempt: f.Bool("preempt"),
		LogFile:        shownLog(f, "mesos-master"),
		Whitelist:      f.String("whitelist"),
		FaultRules:     f.String("fault_rules"),
		Trace:          traceFrom(f),
		RecoveryFactor: f.Float("allocator_agent_recovery_factor"), RecoveryTimeout: f.Duration("allocator_recovery_timeout"),
		Config: master.Config{
			Cluster: f.String("cluster"), Domain: domain, RequireAgentDomain: f.Bool("require_agent_domain"), AgentPingTimeout: f.Duration("agent_ping_timeout"),
			MaxAgentPingTimeouts: f.Int("max_agent_ping_timeouts"), AgentReregisterTimeout: f.Duration("agent_reregister_timeout"),
			OfferTimeout: f.Duration("offer_timeout"), NoRootSubmissions: !f.Bool("root_submissions"), NoFrameworkMetrics: !f.Bool("publish_per_framework_metrics"),
			MaxCompletedFrameworks: f.Int("max_completed_frameworks"), MaxCompletedTasks: f.Int("max_completed_tasks_per_framework"),
			MaxUnreachableTasks: f.Int("max_unreachable_tasks_per_framework"),
			MaxSubscribers:      f.Int("max_operator_event_stream_subscribers"),
			OfferConstraints: allocator.RegexpLimits{
				MaxMemory: int64(f.Bytes("offer_constraints_re2_max_mem")), MaxProgramSize: f.Int("offer_constraints_re2_max_program_size"),
			},
		},
	}
	if s.Disabled, err = firewallFrom(f); err != nil {
		return s, err
	}
	log, _ := Logging(f)
	if s.Realms, err = realmsFrom(f, "mesos-master", "credentials", log); err != nil {
		return s, err
	}
	if err := loginsFrom(f, &s.Config, log); err != nil {
		return s, err
	}
	if s.Config.Rules, err = rulesFrom(f); err != nil {
		return s, err
	}
	if text := f.String("rate_limits"); text != "" {
		s.Config.RateLimits = &v1.RateLimits{}
		if err := errors.Join(mesosjson.Unmarshal([]byte(text), s.Config.RateLimits), throttle.Check(s.Config.RateLimits)); err != nil {
			return s, fmt.Errorf("flag --rate_limits: %w", err)
		}
	}
	if s.Config.MaxExecutorsPerAgent = f.Int("max_executors_per_agent"); f.Given("max_executors_per_agent") && s.Config.MaxExecutorsPerAgent == 0 {
		return s, errors.New("flag --max_executors_per_agent: with 0 no agent would ever be offered: want 1 at least, or leave it out for any number")
	}
	if err := errors.Join(registryFrom(f, &s), announceFrom(f, &s), rolesFrom(f, &s)); err != nil {
		return s, err
	}
	for _, alternative := range strings.Split(f.String("min_allocatable_resources"), "|") {
		q, err := resources.ParseQuantities(alternative)
		if err != nil {
			return s, fmt.Errorf("flag --min_allocatable_resources: %w", err)
		}
		s.MinAllocatable = append(s.MinAllocatable, q)
	}
	if names := f.String("fair_sharing_excluded_resource_names"); names != "" {
		s.ExcludedFromShare = strings.Split(names, ",")
	}
	return s, nil
}

// AgentFrom reads the settings of an agent from its flags.
func AgentFrom(f *flags.Set) (AgentSettings, error) {
	addr, err := addressFrom(f)
	if err != nil {
		return AgentSettings{}, err
	}
	domain, err := domainFrom(f)
	if err != nil {
		return AgentSettings{}, err
	}
	log, _ := Logging(f)
	at, detector, err := Masters(f.String("master"), f.Duration("zk_session_timeout"), log)
	if err != nil {
		return AgentSettings{}, fmt.Errorf("flag --master: %w", err)
	}
	res, err := AgentResources(f.String("resources"), f.String("default_role"), f.String("work_dir"))
	if err != nil {
		return AgentSettings{}, fmt.Errorf("flag --resources: %w", err)
	}
	attributes, err := resources.ParseAttributes(f.String("attributes"))
	if err != nil {
		return AgentSettings{}, fmt.Errorf("flag --attributes: %w", err)
	}
	env := map[string]string{}
	if text := f.String("executor_environment_variables"); text != "" {
		if err := json.Unmarshal([]byte(text), &env); err != nil {
			return AgentSettings{}, fmt.Errorf("flag --executor_environment_variables: want a JSON object of strings: %w", err)
		}
	}
	launcher := f.Fallback("launcher_dir", ProgramDir())
	isolation, err := isolationFrom(f)
	if err != nil {
		return AgentSettings{}, err
	}
	if res, err = gpusFrom(f, &isolation, res); err != nil {
		return AgentSettings{}, err
	}
	containerizers, err := containerizersFrom(f)
	if err != nil {
		return AgentSettings{}, err
	}
	rotate, err := rotationFrom(f, launcher)
	if err != nil {
		return AgentSettings{}, err
	}
	if h := f.Float("gc_disk_headroom"); h > 1 {
		return AgentSettings{}, fmt.Errorf("flag --gc_disk_headroom: %v is not a share from 0 to 1", h)
	}
	if f.Duration("disk_watch_interval") <= 0 {
		return AgentSettings{}, errors.New("flag --disk_watch_interval: it must be more than 0")
	}
	if !f.Bool("strict") {
		return AgentSettings{}, errors.New("flag --no-strict is not supported: state that cannot be read is never passed over; `mesos agent check` says what is wrong with it")
	}
	disabled, err := firewallFrom(f)
	if err != nil {
		return AgentSettings{}, err
	}
	realms, err := realmsFrom(f, "mesos-agent", "http_credentials", log)
	if err != nil {
		return AgentSettings{}, err
	}
	rules, err := rulesFrom(f)
	if err != nil {
		return AgentSettings{}, err
	}
	own, err := credentialFrom(f.String("credential"), "credential", log)
	if err != nil {
		return AgentSettings{}, err
	}
	container, err := containerInfoFrom(f)
	if err != nil {
		return AgentSettings{}, err
	}
	key, err := executorsFrom(f, log)
	if err != nil {
		return AgentSettings{}, err
	}
	policy := agent.Equal
	if f.String("reconfiguration_policy") == "additive" {
		policy = agent.Additive
	}
	fetch := fetcherFrom(f)
	settings := AgentSettings{
		CleanUp: f.String("recover") == "cleanup", Disabled: disabled, Realms: withExecutors(f, realms, key), Rules: rules,
		Address: addr, Flags: f.Values(), FaultRules: f.String("fault_rules"), Fetcher: fetch, Isolation: isolation, Containerizers: containerizers, Rotate: rotate,
		LogFile: shownLog(f, "mesos-agent"), Trace: traceFrom(f), Providers: f.String("resource_provider_config_dir"),
		Config: agent.Config{
			Master: at, Detector: detector, Credential: own, ExecutorKey: key, AuthenticateExecutors: f.Bool(authenticateExecutors), WorkDir: f.String("work_dir"), LauncherDir: launcher, Resources: res, Attributes: attributes, Domain: domain,
			Container: container, SwitchUser: f.Bool("switch_user"), RegistrationBackoff: f.Duration("registration_backoff_factor"),
			ExecutorRegistrationTimeout: f.Duration("executor_registration_timeout"), ExecutorShutdownGrace: f.Duration("executor_shutdown_grace_period"),
			IOHeartbeat: f.Duration("http_heartbeat_interval"), RecoveryTimeout: f.Duration("recovery_timeout"), ExecutorReregistrationTimeout: f.Duration("executor_reregistration_timeout"),
			Reconfigure: policy, MaxCompletedExecutors: f.Int("max_completed_executors_per_framework"), ExecutorEnvironment: env,
			Collect:      gc.Policy{Delay: f.Duration("gc_delay"), Headroom: f.Float("gc_disk_headroom"), Interval: f.Duration("disk_watch_interval")},
			CollectInner: f.Bool("gc_non_executor_container_sandboxes"),
		},
	}
	return settings, oversubscriptionFrom(f, &settings.Config)
}

// ProgramDir is the directory of the running program, where its helpers are.
func ProgramDir() string {
	self, err := os.Executable()
	if err != nil {
		return "."
	}
	return filepath.Dir(self)
}
