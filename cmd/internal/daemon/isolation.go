package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"mesos/actors/containerizer"
	"mesos/cmd/flags"
	"mesos/isolators/catalog"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// isolationFlags are those about isolation that are acted on.
var isolationFlags = []string{
	"isolation", "cgroups_hierarchy", "cgroups_root", "cgroups_enable_cfs", "cgroups_limit_swap", "cgroups_cpu_enable_pids_and_tids_count",
	"cgroups_destroy_timeout", "disallow_sharing_agent_pid_namespace", "disallow_sharing_agent_ipc_namespace", "default_container_shm_size",
	"effective_capabilities", "bounding_capabilities",
	"egress_rate_limit_per_container", "ingress_rate_limit_per_container", "container_ports_isolated_range",
}

// ownAgentFlags are those that Mesos does not have.
var ownAgentFlags = []flags.Def{
	{Name: "oci_runtime", Default: "runc", Usage: "--containerizers with oci: the OCI runtime, by name or path: runc, crun, runsc, kata-runtime"},
	{Name: "cgroups_pids_limit", Kind: flags.Int, Default: "0", Usage: "cgroups/pids: processes and threads that a container may have; 0: any number"},
}

// IsolationSettings are how containers are isolated. The zero value is not at all.
type IsolationSettings struct {
	List     string // of --isolation
	Launcher string // "linux", "posix", or "" for the best that works
	Options  catalog.Options
	Images   ImageSettings
	Timeout  time.Duration // for the removal of a container
}

func isolationFrom(f *flags.Set) (IsolationSettings, error) {
	s := IsolationSettings{
		List: f.String("isolation"), Launcher: f.String("launcher"), Timeout: f.Duration("cgroups_destroy_timeout"),
		Options: catalog.Options{
			Hierarchy: f.String("cgroups_hierarchy"), ApartPIDs: f.Bool("disallow_sharing_agent_pid_namespace"),
			ApartIPC: f.Bool("disallow_sharing_agent_ipc_namespace"), ShmSize: uint64(f.Bytes("default_container_shm_size")),
			Cgroups: cgroups.Options{
				Root: f.String("cgroups_root"), CFS: f.Bool("cgroups_enable_cfs"), LimitSwap: f.Bool("cgroups_limit_swap"),
				CountPIDs: f.Bool("cgroups_cpu_enable_pids_and_tids_count"), PIDs: uint64(f.Int("cgroups_pids_limit")),
			},
		},
	}
	for name, to := range map[string]**v1.CapabilityInfo{"effective_capabilities": &s.Options.Effective, "bounding_capabilities": &s.Options.Bounding} {
		if text := f.String(name); text != "" {
			*to = &v1.CapabilityInfo{}
			if err := mesosjson.Unmarshal([]byte(text), *to); err != nil {
				return s, fmt.Errorf("flag --%s: want JSON as in {\"capabilities\": [\"NET_RAW\"]}: %w", name, err)
			}
		}
	}
	if err := programsFrom(f, &s); err != nil {
		return s, err
	}
	var err error
	if s.Images, err = imagesFrom(f); err != nil {
		return s, err
	}
	s.Options.IgnoreRuntime = f.Bool("docker_ignore_runtime")
	if err := catalog.Check(s.List); err != nil {
		return s, fmt.Errorf("flag --isolation: %w", err)
	}
	return s, nil
}

// compose makes what confines the containers of a work directory. Where nobody
// asked for a launcher, and nothing that only the linux launcher can do, the
// posix launcher takes its place on machines that do not let us have cgroups.
func (s IsolationSettings) compose(work, launcherDir string, log *slog.Logger) (*containerizer.Isolation, error) {
	iso := &containerizer.Isolation{Init: filepath.Join(launcherDir, initProgram), Holds: true, Timeout: s.Timeout}
	linux := s.options(work, s.Launcher != "posix")
	set, err := catalog.New(s.List, linux)
	if s.Launcher == "linux" && os.Geteuid() != 0 {
		return nil, errors.New("flag --launcher: linux needs an agent that runs as root; use posix")
	}
	if s.Launcher == "" && (err != nil || os.Geteuid() != 0) {
		why := err
		if os.Geteuid() != 0 {
			why = errors.New("the agent does not run as root")
		}
		if set, err = catalog.New(s.List, s.options(work, false)); err == nil {
			log.Info("containers are held by no cgroup: the posix launcher is used", "reason", why)
			linux.Linux = false
		} else {
			err = errors.Join(why, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("flag --isolation: %w", err)
	}
	if !linux.Linux {
		iso.Init, iso.Holds = "", false
	}
	if s.Images.On && (!linux.Linux || !catalog.MountsVolumes(s.List)) {
		return nil, errors.New("flag --image_providers: images need --launcher=linux and --isolation with filesystem/linux")
	}
	iso.Set, iso.Volumes, iso.Sandbox = set, linux.Linux && catalog.MountsVolumes(s.List), s.Options.Files.Sandbox
	launcher := "posix"
	if linux.Linux {
		launcher = "linux"
	}
	log.Info("isolation", "launcher", launcher, "isolators", set.Name(), "left_out", catalog.LeftOut(s.List, linux))
	return iso, nil
}

// options are those of one work directory: agents that share a machine must not
// take each other's containers for what an earlier run left.
func (s IsolationSettings) options(work string, linux bool) catalog.Options {
	o := s.Options
	o.Linux = linux
	o.Cgroups.Root = filepath.Join(o.Cgroups.Root, mark(work))
	return o
}

// remove removes the cgroups above the containers of a work directory, when there
// are none.
func (s IsolationSettings) remove(work string) error {
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
