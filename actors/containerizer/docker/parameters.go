package docker

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mesos/actors/containerizer/docker/engine"
	"mesos/messages/units"
)

// parameter carries out one of DockerInfo.parameters: an option of the command
// docker run, by its long name. There is no command here, so each is known.
func parameter(s *engine.Container, key, value string) error {
	set, known := options[key]
	if !known {
		return fmt.Errorf("no option of docker run that is known here: want one of %s", strings.Join(slices.Sorted(maps.Keys(options)), ", "))
	}
	if err := set(s, value); err != nil {
		return fmt.Errorf("value %q: %w", value, err)
	}
	return nil
}

type option func(s *engine.Container, value string) error

// text, list and so on are options that are one field.
func text(field func(*engine.Container) *string) option {
	return func(s *engine.Container, v string) error { *field(s) = v; return nil }
}

func list(field func(*engine.Container) *[]string) option {
	return func(s *engine.Container, v string) error { f := field(s); *f = append(*f, v); return nil }
}

func table(field func(*engine.Container) *map[string]string) option {
	return func(s *engine.Container, v string) error {
		name, value, _ := strings.Cut(v, "=")
		f := field(s)
		if *f == nil {
			*f = map[string]string{}
		}
		(*f)[name] = value
		return nil
	}
}

func truth(set func(*engine.Container, bool)) option {
	return func(s *engine.Container, v string) error {
		b, err := strconv.ParseBool(v)
		if v == "" {
			b, err = true, nil
		}
		if err != nil {
			return errors.New("want true or false")
		}
		set(s, b)
		return nil
	}
}

func number(set func(*engine.Container, int64)) option {
	return func(s *engine.Container, v string) error {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return errors.New("want a whole number")
		}
		set(s, n)
		return nil
	}
}

func bytes(set func(*engine.Container, int64)) option {
	return func(s *engine.Container, v string) error {
		n, err := parseBytes(v)
		if err != nil {
			return err
		}
		set(s, n)
		return nil
	}
}

// parseBytes reads a size as docker run does: "64m", "1g", "1073741824", "-1".
func parseBytes(v string) (int64, error) {
	lower := strings.TrimSuffix(strings.ToLower(v), "b")
	unit := map[byte]units.Bytes{'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30}
	factor := int64(1)
	if lower != "" {
		if u, has := unit[lower[len(lower)-1]]; has {
			lower, factor = lower[:len(lower)-1], int64(u)
		}
	}
	n, err := strconv.ParseInt(lower, 10, 64)
	if err != nil || n > (1<<62)/factor {
		return 0, errors.New("want a number of bytes, as 512m or 2g")
	}
	return n * factor, nil
}

var options = map[string]option{
	"add-host":           list(func(s *engine.Container) *[]string { return &s.HostConfig.ExtraHosts }),
	"blkio-weight":       number(func(s *engine.Container, n int64) { s.HostConfig.BlkioWeight = uint16(n) }),
	"cap-add":            list(func(s *engine.Container) *[]string { return &s.HostConfig.CapAdd }),
	"cap-drop":           list(func(s *engine.Container) *[]string { return &s.HostConfig.CapDrop }),
	"cgroup-parent":      text(func(s *engine.Container) *string { return &s.HostConfig.CgroupParent }),
	"cgroupns":           text(func(s *engine.Container) *string { return &s.HostConfig.CgroupnsMode }),
	"cpu-period":         number(func(s *engine.Container, n int64) { s.HostConfig.CPUPeriod = n }),
	"cpu-quota":          number(func(s *engine.Container, n int64) { s.HostConfig.CPUQuota = n }),
	"cpu-shares":         number(func(s *engine.Container, n int64) { s.HostConfig.CPUShares = n }),
	"cpus":               cpus,
	"cpuset-cpus":        text(func(s *engine.Container) *string { return &s.HostConfig.CpusetCpus }),
	"cpuset-mems":        text(func(s *engine.Container) *string { return &s.HostConfig.CpusetMems }),
	"device":             device,
	"dns":                list(func(s *engine.Container) *[]string { return &s.HostConfig.DNS }),
	"dns-opt":            list(func(s *engine.Container) *[]string { return &s.HostConfig.DNSOptions }),
	"dns-option":         list(func(s *engine.Container) *[]string { return &s.HostConfig.DNSOptions }),
	"dns-search":         list(func(s *engine.Container) *[]string { return &s.HostConfig.DNSSearch }),
	"domainname":         text(func(s *engine.Container) *string { return &s.Domainname }),
	"entrypoint":         func(s *engine.Container, v string) error { s.Entrypoint = []string{v}; return nil },
	"env":                list(func(s *engine.Container) *[]string { return &s.Env }),
	"expose":             exposed,
	"group-add":          list(func(s *engine.Container) *[]string { return &s.HostConfig.GroupAdd }),
	"hostname":           text(func(s *engine.Container) *string { return &s.Hostname }),
	"init":               truth(func(s *engine.Container, b bool) { s.HostConfig.Init = &b }),
	"ip":                 address,
	"ipc":                text(func(s *engine.Container) *string { return &s.HostConfig.IpcMode }),
	"label":              table(func(s *engine.Container) *map[string]string { return &s.Labels }),
	"link":               list(func(s *engine.Container) *[]string { return &s.HostConfig.Links }),
	"log-driver":         func(s *engine.Container, v string) error { logs(s).Type = v; return nil },
	"log-opt":            table(func(s *engine.Container) *map[string]string { return &logs(s).Config }),
	"mac-address":        text(func(s *engine.Container) *string { return &s.MacAddress }),
	"memory":             bytes(memory),
	"memory-reservation": bytes(func(s *engine.Container, n int64) { s.HostConfig.MemoryReservation = n }),
	"memory-swap":        bytes(func(s *engine.Container, n int64) { s.HostConfig.MemorySwap = n }),
	"memory-swappiness":  number(func(s *engine.Container, n int64) { s.HostConfig.MemorySwappiness = &n }),
	"net":                text(func(s *engine.Container) *string { return &s.HostConfig.NetworkMode }),
	"net-alias":          alias,
	"network":            text(func(s *engine.Container) *string { return &s.HostConfig.NetworkMode }),
	"network-alias":      alias,
	"oom-kill-disable":   truth(func(s *engine.Container, b bool) { s.HostConfig.OomKillDisable = &b }),
	"oom-score-adj":      number(func(s *engine.Container, n int64) { s.HostConfig.OomScoreAdj = int(n) }),
	"pid":                text(func(s *engine.Container) *string { return &s.HostConfig.PidMode }),
	"pids-limit":         number(func(s *engine.Container, n int64) { s.HostConfig.PidsLimit = &n }),
	"privileged":         truth(func(s *engine.Container, b bool) { s.HostConfig.Privileged = b }),
	"publish":            publish,
	"publish-all":        truth(func(s *engine.Container, b bool) { s.HostConfig.PublishAllPorts = b }),
	"read-only":          truth(func(s *engine.Container, b bool) { s.HostConfig.ReadonlyRootfs = b }),
	"runtime":            text(func(s *engine.Container) *string { return &s.HostConfig.Runtime }),
	"security-opt":       list(func(s *engine.Container) *[]string { return &s.HostConfig.SecurityOpt }),
	"shm-size":           bytes(func(s *engine.Container, n int64) { s.HostConfig.ShmSize = n }),
	"stop-signal":        text(func(s *engine.Container) *string { return &s.StopSignal }),
	"storage-opt":        table(func(s *engine.Container) *map[string]string { return &s.HostConfig.StorageOpt }),
	"sysctl":             table(func(s *engine.Container) *map[string]string { return &s.HostConfig.Sysctls }),
	"tmpfs":              tmpfs,
	"ulimit":             ulimit,
	"user":               text(func(s *engine.Container) *string { return &s.User }),
	"userns":             text(func(s *engine.Container) *string { return &s.HostConfig.UsernsMode }),
	"uts":                text(func(s *engine.Container) *string { return &s.HostConfig.UTSMode }),
	"volume":             list(func(s *engine.Container) *[]string { return &s.HostConfig.Binds }),
	"volume-driver":      text(func(s *engine.Container) *string { return &s.HostConfig.VolumeDriver }),
	"volumes-from":       list(func(s *engine.Container) *[]string { return &s.HostConfig.VolumesFrom }),
	"workdir":            text(func(s *engine.Container) *string { return &s.WorkingDir }),
}
