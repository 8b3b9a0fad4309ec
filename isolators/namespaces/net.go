package namespaces

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// Alone is the name of the network of containers that have nobody to talk to.
const Alone = "none"

// Net is the isolator namespaces/net (a name of our own): a container whose one
// network is called Alone gets nothing but a loopback interface, those nested in
// it share that, and all others have the machine's network. An executor that is
// alone does not reach its agent: it is for tasks of an executor elsewhere.
type Net struct{ isolators.Launching }

var _ isolators.Isolator = (*Net)(nil)

// Name implements isolators.Isolator.
func (*Net) Name() string { return "namespaces/net" }

// Prepare implements isolators.Isolator.
func (n *Net) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := n.Begin(c.ID); err != nil || c.Session {
		return err
	}
	alone := false
	for _, i := range c.Info.GetNetworkInfos() {
		alone = alone || i.GetName() == Alone
	}
	if alone && len(c.Info.GetNetworkInfos()) > 1 {
		return errors.New("container.network_infos: network none is no other network: leave the others out")
	}
	if alone {
		l.Clone |= unix.CLONE_NEWNET
		l.Loopback = true
		return nil
	}
	if up, nested := isolators.Parent(c.ID); nested && len(c.Info.GetNetworkInfos()) == 0 {
		return enterAround(n, up, c.ID, "net", unix.CLONE_NEWNET, l)
	}
	return nil
}
