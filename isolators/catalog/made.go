package catalog

import (
	"fmt"
	"slices"

	"mesos/isolators"
	"mesos/isolators/gpu"
	"mesos/isolators/posix"
	"mesos/isolators/secrets"
)

// madeBy are the isolators that a container gets which another program makes: they
// say how it begins, and in which network. That program has cgroups and namespaces of its own.
var madeBy = []string{
	EnvironmentSecret, "disk/du", "disk/loop", "posix/rlimits", linuxFiles, "docker/runtime", "namespaces/pid", "namespaces/ipc", "namespaces/uts", "namespaces/net", "namespaces/cgroup",
	"linux/capabilities", "linux/nnp", linuxDevices, "linux/seccomp",
}

// always are those that such a container has whether --isolation names them or not:
// the program gives it mounts and processes of its own anyway.
var always = []string{linuxFiles, "docker/runtime", "namespaces/pid"}

// madeByEngine are the isolators that a container of a Docker engine gets: how it
// begins, the engine says.
var madeByEngine = []string{"disk/du"}

// What keeps containers apart and those of others go without: by these a user may believe
// that they are kept.
var (
	notByPrograms = []string{"namespaces/user"}
	notByEngine   = []string{"disk/loop", "linux/nnp", "namespaces/cgroup", "namespaces/user"}
)

// Lacking are isolators of a comma list that containers go without which a Docker engine makes,
// or, where engine is false, another program.
func Lacking(list string, engine bool) []string {
	names, err := parse(list)
	if err != nil {
		return nil
	}
	if engine {
		return chosen(names, notByEngine)
	}
	return chosen(names, notByPrograms)
}

// MadeBy are the isolators of a comma list for containers that another program
// makes. Those about cgroups, and those that count, are left out: what they do, the
// program does, and it is told of other devices while a container runs.
func MadeBy(list string, o Options, devices gpu.Devices) (parts []isolators.Isolator, err error) {
	names, err := parse(list)
	if err != nil {
		return nil, err
	}
	if parts, err = some(slices.Concat(chosen(names, madeBy), always), &o); err != nil {
		return nil, err
	}
	if parts, err = withNetworks(parts, names, o.Network); err != nil {
		return nil, err
	}
	return withGPUs(parts, names, o, devices), nil
}

// MadeByEngine are those for containers that a Docker engine makes.
func MadeByEngine(list string, o Options, devices gpu.Devices) ([]isolators.Isolator, error) {
	names, err := parse(list)
	if err != nil {
		return nil, err
	}
	parts, err := some(chosen(names, madeByEngine), &o)
	return withGPUs(parts, names, o, devices), err
}

// some makes those of entries that have names of a list.
func some(names []string, o *Options) (parts []isolators.Isolator, err error) {
	if o.Secrets == nil {
		o.Secrets = secrets.Dir("")
	}
	for _, e := range entries {
		if !slices.Contains(names, e.name) {
			continue
		}
		p, err := e.make(o)
		if err != nil {
			return nil, fmt.Errorf("isolator %s: %w", e.name, err)
		}
		if r, is := p.(*posix.RLimits); is {
			r.Inside = true
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func withGPUs(parts []isolators.Isolator, names []string, o Options, devices gpu.Devices) []isolators.Isolator {
	if slices.Contains(names, gpus) {
		parts = append(parts, gpu.New(o.GPU, devices))
	}
	return parts
}
