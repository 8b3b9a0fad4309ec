package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mesos/actors/containerizer"
	"mesos/cmd/flags"
	"mesos/isolators"
	"mesos/isolators/catalog"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	"mesos/isolators/disk"
	"mesos/isolators/filesystem"
	"mesos/isolators/namespaces"
	"mesos/isolators/rights"
	"mesos/isolators/seccomp"
	"mesos/isolators/secrets"
	v1 "mesos/messages/mesos/v1"
)

// isolationFlags are those about isolation that are acted on.
var isolationFlags = []string{
	"isolation", "cgroups_hierarchy", "cgroups_root", "cgroups_enable_cfs", "cgroups_limit_swap", "cgroups_cpu_enable_pids_and_tids_count",
	"cgroups_destroy_timeout", "revocable_cpu_low_priority", "disallow_sharing_agent_pid_namespace", "disallow_sharing_agent_ipc_namespace", "default_container_shm_size",
	"effective_capabilities", "bounding_capabilities", "cgroups_net_cls_primary_handle", "cgroups_net_cls_secondary_handles", "container_disk_watch_interval", "enforce_container_disk_quota", "seccomp_config_dir", "seccomp_profile_name",
	"network_cni_plugins_dir", "network_cni_config_dir", "network_cni_root_dir_persist", "default_container_dns",
	"allowed_devices", "perf_events", "perf_interval", "perf_duration", "nvidia_gpu_devices", "egress_rate_limit_per_container", "ingress_rate_limit_per_container", "container_ports_isolated_range", "host_path_volume_force_creation",
}

// ownAgentFlags are those that Mesos does not have.
var ownAgentFlags = []flags.Def{
	{Name: "resource_estimator_parameters", Usage: "parameters of --resource_estimator beside those in --modules, as a JSON object: {\"resources\":\"cpus:4\"} for fixed; names, share, window for load"},
	{Name: "qos_controller_parameters", Usage: "likewise of --qos_controller: load_threshold_5min, load_threshold_15min for load; cpu, memory, io (shares of time), window for pressure"},
	{Name: "oci_runtime", Default: "runc", Usage: "--containerizers with oci: the OCI runtime: runc, crun, runsc or the path of another, which flags of its own may follow, separated by blanks; kata or io.containerd.NAME.vN, a shim of containerd's kind, which the path of a file of settings may follow (of runc's: that of the program)"},
	{Name: "cgroups_pids_limit", Kind: flags.Int, Default: "0", Usage: "cgroups/pids: processes and threads that a container may have; 0: any number"},
	{Name: "secrets_dir", Usage: "directory of the secrets that are given by reference: a file for each name, or for a name and key a directory with files"},
	{Name: "nvidia_root", Default: "/", Usage: "gpu/nvidia: directory in which /proc, /dev, /etc/cdi and /var/run/cdi of the GPUs are"},
	{Name: "user_namespace_range", DefaultText: "of /etc/subuid and /etc/subgid, for mesos or root", Usage: "namespaces/user: the users and groups of the machine that those of containers are, the first and how many: 100000:65536"},
	{Name: "network_bridge_name", Default: "mesos0", Usage: "network/bridge: name of the bridge, and of the network that containers ask for"},
	{Name: "network_bridge_subnet", Default: "10.213.0.0/16", Usage: "network/bridge: addresses of the bridge, which has the first, and of containers"},
}

// IsolationSettings are how containers are isolated. The zero value is not at all.
type IsolationSettings struct {
	List     string // of --isolation
	Launcher string // "linux", "posix", or "" for the best that works
	Options  catalog.Options
	Images   ImageSettings
	Persist  bool          // networks of containers are known after a restart of the machine, too
	Timeout  time.Duration // for the removal of a container
	idle     []idle        // flags that nobody acts on
}

func isolationFrom(f *flags.Set) (IsolationSettings, error) {
	s := IsolationSettings{
		idle: idleFlags(f), List: f.String("isolation"), Launcher: f.String("launcher"), Timeout: f.Duration("cgroups_destroy_timeout"),
		Options: catalog.Options{
			Hierarchy: f.String("cgroups_hierarchy"), ApartPIDs: f.Bool("disallow_sharing_agent_pid_namespace"),
			ApartIPC: f.Bool("disallow_sharing_agent_ipc_namespace"), ShmSize: uint64(f.Bytes("default_container_shm_size")),
			Disk:    disk.Options{Interval: f.Duration("container_disk_watch_interval"), Enforce: f.Bool("enforce_container_disk_quota")},
			Seccomp: seccomp.Options{Dir: f.String("seccomp_config_dir"), Profile: f.String("seccomp_profile_name")},
			Cgroups: cgroups.Options{
				Root: f.String("cgroups_root"), CFS: f.Bool("cgroups_enable_cfs"), LimitSwap: f.Bool("cgroups_limit_swap"),
				CountPIDs: f.Bool("cgroups_cpu_enable_pids_and_tids_count"), PIDs: uint64(f.Int("cgroups_pids_limit")),
				RevocableLow: f.Bool("revocable_cpu_low_priority"),
			},
		},
	}
	handles, err := cgroups.ParseHandles(f.String("cgroups_net_cls_primary_handle"), f.String("cgroups_net_cls_secondary_handles"))
	if err != nil {
		return s, err
	}
	s.Options.Cgroups.Handles = handles
	if s.Options.Cgroups.Perf, err = cgroups.ParsePerf(f.String("perf_events"), f.Duration("perf_interval"), f.Duration("perf_duration")); err != nil {
		return s, err
	}
	for name, to := range map[string]**v1.CapabilityInfo{"effective_capabilities": &s.Options.Effective, "bounding_capabilities": &s.Options.Bounding} {
		if text := f.String(name); text != "" {
			if *to, err = rights.ParseCapabilities(text); err != nil {
				return s, fmt.Errorf("flag --%s: %w", name, err)
			}
		}
	}
	if text := f.String("user_namespace_range"); text != "" {
		if s.Options.Users, err = namespaces.ParseRange(text); err != nil {
			return s, fmt.Errorf("flag --user_namespace_range: %w", err)
		}
	}
	if s.Options.Files.Creatable, err = filesystem.ParseCreatable(f.String("host_path_volume_force_creation")); err != nil {
		return s, fmt.Errorf("flag --host_path_volume_force_creation: %w", err)
	}
	if err := devicesFrom(f, &s); err != nil {
		return s, err
	}
	if err := programsFrom(f, &s); err != nil {
		return s, err
	}
	if err := networksFrom(f, &s); err != nil {
		return s, err
	}
	if s.Images, err = imagesFrom(f); err != nil {
		return s, err
	}
	s.Options.IgnoreRuntime = f.Bool("docker_ignore_runtime")
	s.Options.Secrets = secrets.Dir(f.String("secrets_dir"))
	if err := catalog.Check(s.List); err != nil {
		return s, fmt.Errorf("flag --isolation: %w", err)
	}
	if !slices.Contains(strings.Split(s.List, ","), catalog.EnvironmentSecret) { // as in Mesos, it is always there
		s.List += "," + catalog.EnvironmentSecret
	}
	return s, nil
}

// compose makes what confines the containers of a work directory.
func (s IsolationSettings) compose(work, launcherDir string, log *slog.Logger) (*containerizer.Isolation, error) {
	iso := &containerizer.Isolation{Init: filepath.Join(launcherDir, initProgram), Holds: true, Timeout: s.Timeout}
	if s.Launcher == "linux" && os.Geteuid() != 0 {
		return nil, errors.New("flag --launcher: linux needs an agent that runs as root; use posix")
	}
	set, linux, err := s.isolators(work, log)
	if err != nil {
		return nil, fmt.Errorf("flag --isolation: %w", err)
	}
	if !linux.Linux {
		iso.Init, iso.Holds = "", false
	}
	if s.Images.On && (!linux.Linux || !catalog.MountsVolumes(s.List)) {
		return nil, errors.New("flag --image_providers: images need --launcher=linux and --isolation with filesystem/linux")
	}
	if linux.Linux {
		iso.Cores, iso.Disks = catalog.Tunes(s.List)
	}
	iso.Set, iso.Volumes, iso.Sandbox = set, linux.Linux && catalog.MountsVolumes(s.List), s.Options.Files.Sandbox
	launcher := "posix"
	if linux.Linux {
		launcher = "linux"
	}
	for _, i := range s.idle {
		log.Warn("flag has no effect", "flag", "--"+i.flag, "needs_in_isolation", i.needs)
	}
	log.Info("isolation", "launcher", launcher, "isolators", set.Name(), "left_out", catalog.LeftOut(s.List, linux))
	return iso, nil
}

// isolators are those of the list, with the options that they were made with. Where nobody asked
// for a launcher, and nothing that only the linux launcher can do, the posix launcher takes its
// place on machines that do not let us have cgroups.
func (s IsolationSettings) isolators(work string, log *slog.Logger) (*isolators.Set, catalog.Options, error) {
	o := s.options(work, s.Launcher != "posix")
	set, err := catalog.New(s.List, o)
	root := os.Geteuid() == 0
	if s.Launcher != "" || err == nil && root {
		return set, o, err
	}
	if !root {
		err = errors.New("the agent does not run as root")
	}
	o = s.options(work, false)
	set, posix := catalog.New(s.List, o)
	switch {
	case posix == nil:
		log.Info("containers are held by no cgroup: the posix launcher is used", "reason", err)
		return set, o, nil
	case root: // that another launcher does not have the isolators, either, helps nobody
		return nil, o, err
	}
	return nil, o, errors.Join(err, posix)
}

// options are those of one work directory: agents that share a machine must not
// take each other's containers for what an earlier run left.
func (s IsolationSettings) options(work string, linux bool) catalog.Options {
	o := s.Options
	o.Linux = linux
	o.Cgroups.Root = filepath.Join(o.Cgroups.Root, mark(work))
	o.UsersDir, o.GPU.Dir = work, filepath.Join(work, "gpus")
	o.Loop.Dir = filepath.Join(work, "loops")
	o.Network.Root, o.Network.Shared = s.networkDirs(work, mark(work))
	return o
}

// remove removes the cgroups above the containers of a work directory, when there
// are none.
func (s IsolationSettings) remove(work string) error {
	_ = os.Remove(s.options(work, true).Network.Root) // as below
	l, err := cgroup.Probe(s.Options.Hierarchy)
	if err != nil {
		return nil // then none were made
	}
	l.Writable()
	for _, at := range append(l.Mounts(), l.Named...) {
		// What is not empty, or not there, stays so. The one above is left to
		// the agents that share it.
		root := filepath.Join(at, s.options(work, true).Cgroups.Root)
		_ = l.Kernel.Rmdir(root)
		for name := range makers {
			_ = l.Kernel.Rmdir(root + "." + name)
		}
	}
	return nil
}
