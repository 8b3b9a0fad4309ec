// Package catalog knows isolators by the names of --isolation and composes them.
// Programs and containerizers call [New]; it imports every package of isolators,
// and none of them imports it.
package catalog

import (
	"fmt"
	"slices"
	"strings"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	"mesos/isolators/disk"
	"mesos/isolators/ebpf"
	"mesos/isolators/filesystem"
	"mesos/isolators/gpu"
	"mesos/isolators/namespaces"
	"mesos/isolators/network"
	"mesos/isolators/posix"
	"mesos/isolators/rights"
	"mesos/isolators/seccomp"
	"mesos/isolators/secrets"
	v1 "mesos/messages/mesos/v1"
)

// Options are the agent's flags for isolators.
type Options struct {
	Hierarchy string // where cgroups are mounted: "/sys/fs/cgroup"
	Cgroups   cgroups.Options
	// Linux is the linux launcher: the set holds every process of a container,
	// and its containers can have namespaces of their own.
	Linux     bool
	ApartPIDs bool // no container shares the pid namespace of the machine
	ApartIPC  bool // nor its ipc namespace

	// Users are those that the users of containers are on the machine (namespaces/user);
	// zero: those that the machine sets aside. UsersDir is where their files are.
	Users    namespaces.Range
	UsersDir string

	ShmSize             uint64             // of a private /dev/shm, in bytes; 0: the kernel's default
	Effective, Bounding *v1.CapabilityInfo // of containers; nil: not given
	Seccomp             seccomp.Options
	// Devices are nodes that containers get beside the usual ones (linux/devices). What they
	// may do with them is in Cgroups.Devices.
	Devices []rights.Device

	Secrets secrets.Resolver // nil: secrets are given by value
	Disk    disk.Options
	Loop    disk.LoopOptions
	GPU     gpu.Options

	Files         filesystem.Options
	IgnoreRuntime bool // --docker_ignore_runtime

	linux *filesystem.Linux // that of a set, for those that act with it
	// Network is about network/cni and our own network/bridge.
	Network network.Options
	// EBPF is about our own isolators ebpf/... and network/ports. Its Dir is the root of cgroups.
	EBPF ebpf.Options
}

// entry is an isolator beside those of cgroups.
type entry struct {
	name  string
	linux bool // it needs the linux launcher
	make  func(o *Options) (isolators.Isolator, error)
}

// entries stand in the order in which they act.
var entries = []entry{
	{posix.CPU, false, func(o *Options) (isolators.Isolator, error) {
		u, err := posix.NewUsage(posix.CPU)
		if err == nil {
			u.CountPIDs = o.Cgroups.CountPIDs
		}
		return u, err
	}},
	{posix.Mem, false, func(*Options) (isolators.Isolator, error) { return posix.NewUsage(posix.Mem) }},
	{EnvironmentSecret, false, func(o *Options) (isolators.Isolator, error) { return &secrets.Environment{Resolver: o.Secrets}, nil }},
	{"disk/du", false, func(o *Options) (isolators.Isolator, error) { return disk.New(o.Disk), nil }},
	{"disk/loop", true, func(o *Options) (isolators.Isolator, error) { return disk.NewLoop(o.Loop) }},
	{"posix/rlimits", true, func(*Options) (isolators.Isolator, error) { return posix.NewRLimits(), nil }},
	{linuxFiles, true, func(o *Options) (isolators.Isolator, error) {
		o.Files.Secrets = o.Secrets
		o.linux = filesystem.NewLinux(o.Files)
		return o.linux, nil
	}},
	{"docker/runtime", true, func(o *Options) (isolators.Isolator, error) {
		return &filesystem.Runtime{Files: o.linux, Ignore: o.IgnoreRuntime}, nil
	}},
	{linuxDevices, true, func(o *Options) (isolators.Isolator, error) { return &rights.Devices{Allowed: o.Devices}, nil }},
	{"namespaces/pid", true, func(o *Options) (isolators.Isolator, error) { return &namespaces.PID{Apart: o.ApartPIDs}, nil }},
	{"namespaces/ipc", true, func(o *Options) (isolators.Isolator, error) {
		return &namespaces.IPC{Apart: o.ApartIPC, ShmSize: o.ShmSize}, nil
	}},
	{"namespaces/user", true, func(o *Options) (isolators.Isolator, error) { return newUser(o) }},
	{"namespaces/uts", true, func(*Options) (isolators.Isolator, error) { return &namespaces.UTS{}, nil }},
	{"namespaces/net", true, func(*Options) (isolators.Isolator, error) { return &namespaces.Net{}, nil }},
	{"namespaces/cgroup", true, func(*Options) (isolators.Isolator, error) { return &namespaces.Cgroup{}, nil }},
	{"linux/capabilities", true, func(o *Options) (isolators.Isolator, error) {
		return rights.NewCapabilities(o.Effective, o.Bounding)
	}},
	{"linux/nnp", true, func(*Options) (isolators.Isolator, error) { return &rights.NNP{}, nil }},
	{"linux/seccomp", true, func(o *Options) (isolators.Isolator, error) { return seccomp.New(o.Seccomp) }},
}

func newUser(o *Options) (isolators.Isolator, error) {
	if o.Users.Size == 0 {
		var err error
		if o.Users, err = namespaces.SystemRange("/etc", "mesos", "root"); err != nil {
			return nil, err
		}
	}
	return namespaces.NewUser(o.Users, o.UsersDir)
}

// EnvironmentSecret is the isolator without which commands get no secrets.
const EnvironmentSecret = "environment_secret"

// linuxDevices puts nodes into the /dev that linuxFiles makes.
const linuxDevices = "linux/devices"

// linuxFiles does, beside its own, all that the names in within stand for.
const linuxFiles = "filesystem/linux"

var within = []string{"volume/host_path", "volume/image", "volume/sandbox_path", "volume/secret"}

// gpus acts just before there are cgroups, which are told of its devices.
const gpus = "gpu/nvidia"

// byDefault is how the file system is where no other isolator is asked for it:
// without one, the containerizer links volumes into sandboxes.
const byDefault = "filesystem/posix"

// Names are the good ones, sorted.
func Names() []string {
	out := append(cgroups.Names(), byDefault)
	out = append(out, within...)
	out = append(out, ebpf.Names()...)
	out = append(out, network.Names()...)
	out = append(out, gpus)
	for _, e := range entries {
		out = append(out, e.name)
	}
	slices.Sort(out)
	return out
}

// parse reads a comma list into names that are good, each there once.
func parse(list string) (names []string, err error) {
	for _, name := range strings.Split(list, ",") {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case slices.Contains(names, name):
			return nil, fmt.Errorf("isolator %q is named twice: want each once", name)
		case !slices.Contains(Names(), name):
			return nil, &isolators.UnknownError{Name: name, Good: Names()}
		default:
			names = append(names, name)
		}
	}
	for _, name := range []string{"network/cni", "network/bridge"} {
		if slices.Contains(names, name) && slices.Contains(names, "namespaces/net") {
			return nil, fmt.Errorf("isolator %s knows the networks there are: leave namespaces/net out", name)
		}
	}
	if slices.Contains(names, gpus) && !slices.Contains(names, "cgroups/devices") && !slices.Contains(names, cgroups.All) {
		return nil, fmt.Errorf("isolator %s needs cgroups/devices: name that, too", gpus)
	}
	for _, name := range slices.Concat(within, []string{linuxDevices, "docker/runtime"}) {
		if slices.Contains(names, name) && !slices.Contains(names, linuxFiles) {
			return nil, fmt.Errorf("isolator %s needs %s: name that, too", name, linuxFiles)
		}
	}
	return names, nil
}

// New composes the isolators of a comma list, in an order of its own. cgroups
// come last, so that on the way down no process is left when the others clean up, but for
// those that count by cgroup.
// Errors are *isolators.UnknownError for a name that is none, and wrap
// *isolators.MissingError for one that this machine cannot do.
func New(list string, o Options) (*isolators.Set, error) {
	names, err := parse(list)
	if err != nil {
		return nil, err
	}
	if o.Secrets == nil {
		o.Secrets = secrets.Dir("")
	}
	var parts []isolators.Isolator
	for _, e := range entries {
		if !slices.Contains(names, e.name) {
			continue
		}
		if e.linux && !o.Linux {
			return nil, needsLinux(e.name)
		}
		p, err := e.make(&o)
		if err != nil {
			return nil, fmt.Errorf("isolator %s: %w", e.name, err)
		}
		parts = append(parts, p)
	}
	if on := chosen(names, network.Names()); len(on) > 0 && !o.Linux {
		return nil, needsLinux(on[0])
	}
	if parts, err = withNetworks(parts, names, o.Network); err != nil {
		return nil, err
	}
	asked, programs := slices.Clone(names), chosen(names, ebpf.Names())
	groups := slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(cgroups.Names(), n) })
	if !o.Linux {
		if both := slices.Concat(groups, programs, chosen(names, []string{gpus})); len(both) > 0 {
			return nil, needsLinux(both[0])
		}
		return isolators.NewSet(parts...), nil
	}
	held, err := holder(o, groups)
	if err != nil {
		return nil, err
	}
	if slices.Contains(asked, gpus) {
		parts = append(parts, gpu.New(o.GPU, held))
	}
	parts = append(parts, held)
	if len(programs) > 0 {
		p, err := counting(held, o, programs)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return isolators.NewSet(parts...), nil
}

// withNetworks adds the isolator of networks. Where no name asks for it, it is there for containers that an agent with
// networks has left, if there are any.
func withNetworks(parts []isolators.Isolator, names []string, o network.Options) ([]isolators.Isolator, error) {
	on := chosen(names, network.Names())
	if len(on) == 0 && !network.Kept(o) {
		return parts, nil
	}
	p, err := network.New(o, on...)
	if err != nil {
		return nil, fmt.Errorf("isolator %w", err)
	}
	return append(parts, p), nil
}

// chosen are the names that are among some.
func chosen(names, some []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(some, n) })
}

func needsLinux(name string) error {
	return fmt.Errorf("isolator %s needs the linux launcher: give --launcher=linux", name)
}

// holder makes the isolator of cgroups. Without any of their names it only holds
// the processes of containers.
func holder(o Options, names []string) (*cgroups.Isolator, error) {
	layout, err := cgroup.Probe(o.Hierarchy)
	if err != nil {
		return nil, err
	}
	layout.Writable()
	if err := layout.CanKill(); err != nil {
		return nil, err
	}
	return cgroups.New(layout, o.Cgroups, names...)
}

// MountsVolumes says that the isolators of a list mount volumes.
func MountsVolumes(list string) bool {
	names, err := parse(list)
	return err == nil && slices.Contains(names, linuxFiles)
}

// Tunes says of which of a container's cores and disks the isolators of a list decide more than amounts.
func Tunes(list string) (cores, disks bool) {
	names, err := parse(list)
	if err != nil {
		return false, false
	}
	has := func(name string) bool { return slices.Contains(names, name) || slices.Contains(names, cgroups.All) }
	return has("cgroups/cpuset"), has("cgroups/blkio")
}

// GivesGPUs says that the isolators of a list give containers GPUs.
func GivesGPUs(list string) bool {
	names, err := parse(list)
	return err == nil && slices.Contains(names, gpus)
}

// SizesVolumes says that by the isolators of a list persistent volumes are made as file
// systems of their size.
func SizesVolumes(list string) bool {
	names, err := parse(list)
	return err == nil && slices.Contains(names, "disk/loop")
}

// Cgroups are the options for cgroups that another program makes: they name the
// isolators of a list that are about cgroups.
func Cgroups(list string, o cgroups.Options) cgroups.Options {
	if names, err := parse(list); err == nil {
		o.Asked = chosen(names, cgroups.Names())
	}
	return o
}

// Check says what is wrong with the names of a comma list.
func Check(list string) error {
	_, err := parse(list)
	return err
}

// LeftOut says which cgroups a machine has no controller for, where all were
// asked for; "" if none is missing.
func LeftOut(list string, o Options) string {
	names, err := parse(list)
	if err != nil || !o.Linux || !slices.Contains(names, cgroups.All) {
		return ""
	}
	layout, err := cgroup.Probe(o.Hierarchy)
	if err != nil {
		return err.Error()
	}
	layout.Writable()
	var out []string
	for _, n := range cgroups.Names() {
		if n == cgroups.All {
			continue
		}
		if _, err := cgroups.New(layout, o.Cgroups, n); err != nil {
			out = append(out, err.Error())
		}
	}
	return strings.Join(out, "; ")
}
