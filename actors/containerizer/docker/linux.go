package docker

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// confine says to the engine what ContainerInfo says of rights and namespaces. What a
// container asks for and an engine cannot do is an error that names the field; what
// it does not ask for is as the engine has it.
func (r *Runtime) confine(s *engine.Container, info *v1.ContainerInfo) error {
	err := isolators.EachRLimit(info, func(l *v1.RLimitInfo_RLimit) error {
		u, err := ulimitOf(l)
		s.HostConfig.Ulimits = append(s.HostConfig.Ulimits, u)
		return err
	})
	if err != nil {
		return err
	}
	l := info.GetLinuxInfo()
	switch l.GetIpcMode() {
	case v1.LinuxInfo_PRIVATE:
		s.HostConfig.IpcMode, s.HostConfig.ShmSize = "private", int64(l.GetShmSize())<<20
	case v1.LinuxInfo_SHARE_PARENT:
		s.HostConfig.IpcMode = "host"
	}
	if l.GetShmSize() > 0 && l.GetIpcMode() != v1.LinuxInfo_PRIVATE {
		return errors.New("container.linux_info.shm_size: want ipc_mode PRIVATE with it")
	}
	if l.GetSharePidNamespace() {
		s.HostConfig.PidMode = "host"
	}
	if err := capabilities(s, l); err != nil {
		return err
	}
	return r.filter(s, l.GetSeccomp())
}

// capabilities has a container get those that it names, and no other. An engine gives
// root in a container all that it can ever have.
func capabilities(s *engine.Container, l *v1.LinuxInfo) error {
	has, bound := l.GetEffectiveCapabilities(), l.GetBoundingCapabilities()
	if has == nil {
		has = l.GetCapabilityInfo() // the old name
	}
	switch {
	case has == nil && bound == nil:
		return nil
	case has == nil:
		has = bound
	case bound != nil && !same(has.GetCapabilities(), bound.GetCapabilities()):
		return errors.New("container.linux_info.bounding_capabilities: a container of type DOCKER has those that are effective: leave it out, or use type MESOS")
	}
	s.HostConfig.CapDrop = []string{"ALL"}
	for _, c := range has.GetCapabilities() {
		if c == v1.CapabilityInfo_UNKNOWN {
			return fmt.Errorf("container.linux_info.effective_capabilities: capability %s: want one that this system has, as in NET_RAW", c)
		}
		s.HostConfig.CapAdd = append(s.HostConfig.CapAdd, c.String())
	}
	return nil
}

func same(a, b []v1.CapabilityInfo_Capability) bool {
	return slices.Equal(slices.Compact(slices.Sorted(slices.Values(a))), slices.Compact(slices.Sorted(slices.Values(b))))
}

// filter is the container's profile of system calls; without one it has the engine's.
func (r *Runtime) filter(s *engine.Container, info *v1.SeccompInfo) error {
	switch name := info.GetProfileName(); {
	case info.GetUnconfined() && name != "":
		return errors.New("container.linux_info.seccomp: want one of profile_name and unconfined")
	case info.GetUnconfined():
		s.HostConfig.SecurityOpt = append(s.HostConfig.SecurityOpt, "seccomp=unconfined")
	case name != "":
		text, _, err := r.o.Seccomp.Read(name)
		if err != nil {
			return fmt.Errorf("container.linux_info.seccomp.profile_name: %w", err)
		}
		s.HostConfig.SecurityOpt = append(s.HostConfig.SecurityOpt, "seccomp="+string(text))
	}
	return nil
}

// ulimitOf is a limit as the engine calls it. It has none of address space.
func ulimitOf(l *v1.RLimitInfo_RLimit) (engine.Ulimit, error) {
	u := engine.Ulimit{Soft: -1, Hard: -1}
	name, _ := strings.CutPrefix(l.GetType().String(), "RLMT_")
	u.Name = strings.ToLower(name)
	switch {
	case l.GetType() == v1.RLimitInfo_RLimit_UNKNOWN:
		return u, isolators.UnknownRLimit(l)
	case l.GetType() == v1.RLimitInfo_RLimit_RLMT_AS:
		return u, errors.New("RLMT_AS: a Docker engine has no limit of that kind: leave it out, or use type MESOS")
	case l.Soft != nil:
		u.Soft, u.Hard = engineLimit(l.GetSoft()), engineLimit(l.GetHard())
	}
	return u, nil
}

// engineLimit is -1 for what is no limit to the engine.
func engineLimit(n uint64) int64 {
	if n > math.MaxInt64 {
		return -1
	}
	return int64(n)
}
