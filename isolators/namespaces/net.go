package namespaces

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Alone is the name of the network of containers that have nobody to talk to.
const Alone = "none"

// Net is the isolator namespaces/net (a name of our own): a container whose one
// network is called Alone gets nothing but a loopback interface, those nested in
// it share that, and all others have the machine's network. An executor that is
// alone does not reach its agent: it is for tasks of an executor elsewhere.
// It does not go with network/cni and network/bridge, which know networks by name.
type Net struct {
	isolators.Launching

	mu    sync.Mutex
	alone map[string]*v1.NetworkInfo // of containers, what they asked for
}

var (
	_ isolators.Isolator  = (*Net)(nil)
	_ isolators.Networker = (*Net)(nil)
)

// Name implements isolators.Isolator.
func (*Net) Name() string { return "namespaces/net" }

// Prepare implements isolators.Isolator.
func (n *Net) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := n.Begin(c.ID); err != nil || c.Session {
		return err
	}
	info := alone(c.Info)
	if info != nil && len(c.Info.GetNetworkInfos()) > 1 {
		return errors.New("container.network_infos: network none is no other network: leave the others out")
	}
	if info != nil {
		n.note(c.ID, info)
		l.Clone |= unix.CLONE_NEWNET
		l.Loopback = true
		return nil
	}
	if up, nested := isolators.Parent(c.ID); nested {
		return enterAround(n, up, c.ID, "net", unix.CLONE_NEWNET, l)
	}
	return nil
}

// alone is what a container says that asks for no network, nil if it does not.
func alone(info *v1.ContainerInfo) *v1.NetworkInfo {
	for _, i := range info.GetNetworkInfos() {
		if i.GetName() == Alone {
			return i
		}
	}
	return nil
}

func (n *Net) note(id string, info *v1.NetworkInfo) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.alone == nil {
		n.alone = make(map[string]*v1.NetworkInfo)
	}
	n.alone[id] = info
}

// Recover implements isolators.Isolator.
func (n *Net) Recover(ctx context.Context, live []isolators.Live) error {
	for _, l := range live {
		if info := alone(l.Info); info != nil {
			n.note(l.ID, info)
		}
	}
	return n.Launching.Recover(ctx, live)
}

// Networks implements isolators.Networker.
func (n *Net) Networks(id string) []*v1.NetworkInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	for nested := true; nested; id, nested = isolators.Parent(id) {
		if info := n.alone[id]; info != nil {
			return []*v1.NetworkInfo{info}
		}
	}
	return nil
}

// Cleanup implements isolators.Isolator.
func (n *Net) Cleanup(ctx context.Context, id string) error {
	n.mu.Lock()
	delete(n.alone, id)
	n.mu.Unlock()
	return n.Launching.Cleanup(ctx, id)
}
