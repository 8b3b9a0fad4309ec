package containerizer

import (
	"fmt"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Networks are those of a container that has its own, as isolators.Networker tells them.
func (p *Posix) Networks(id string) []*v1.NetworkInfo {
	if p.isolation == nil {
		return nil
	}
	n, can := p.isolation.Set.(isolators.Networker)
	if !can {
		return nil
	}
	return n.Networks(id)
}

// Networks are those of the part that has the container.
func (m *Composing) Networks(id string) []*v1.NetworkInfo { return m.of(id).Networks(id) }

// networked says what is wrong when a prepared container asked for a network and
// nobody has given it one: it must not find itself in that of the machine. l is nil
// where nothing isolates. Networks of Docker are its engine's matter.
func networked(c Config, l *boot.Launch) error {
	if c.Session || c.Info.GetDocker() != nil || l != nil && (l.Clone&unix.CLONE_NEWNET != 0 || l.Enters(unix.CLONE_NEWNET) != "") {
		return nil
	}
	for i, n := range c.Info.GetNetworkInfos() {
		if n.GetName() != "" {
			return fmt.Errorf("container.network_infos[%d].name: unknown network %q: this agent has none: it needs --launcher=linux and --isolation with network/cni or network/bridge", i, n.GetName())
		}
	}
	return nil
}
