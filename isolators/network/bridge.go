package network

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	v1 "mesos/messages/mesos/v1"
)

// bridge is the network of network/bridge: a bridge of the machine, of which the
// machine has the first address. It is there as long as a container is in it.
type bridge struct {
	name   string
	subnet netip.Prefix
	root   string // Options.Root: whose claims are ours
	register
	nat *nat
}

func newBridge(o Options) (*bridge, error) {
	switch {
	case o.Name == "" || len(o.Name) >= unix.IFNAMSIZ || filepath.Base(o.Name) != o.Name:
		return nil, fmt.Errorf("%s needs a name for the bridge, of at most %d bytes: got %q", Bridge, unix.IFNAMSIZ-1, o.Name)
	case !o.Subnet.Addr().Is4() || o.Subnet.Bits() > 30 || o.Subnet.Bits() < 8:
		return nil, fmt.Errorf("%s needs an IPv4 subnet, as in 10.213.0.0/16: got %v", Bridge, o.Subnet)
	}
	b := &bridge{name: o.Name, subnet: o.Subnet.Masked(), root: o.Root}
	b.register = register{filepath.Join(o.Shared, o.Name), b.subnet}
	b.nat = newNAT(b.name, b.subnet)
	return b, nil
}

// find implements kind.
func (b *bridge) find(a *attachment, w want) (bool, error) {
	if a.Network != b.name {
		return false, nil
	}
	for k, ip := range w.info.GetIpAddresses() {
		if ip.GetIpAddress() != "" {
			return true, fmt.Errorf("ip_addresses[%d].ip_address %s: network %s chooses its addresses: leave it out", k, ip.GetIpAddress(), b.name)
		}
		if ip.GetProtocol() == v1.NetworkInfo_IPv6 {
			return true, fmt.Errorf("ip_addresses[%d].protocol IPv6: network %s has addresses of IPv4: want that, or none", k, b.name)
		}
	}
	if a.Mappings = w.maps; len(w.maps) > 0 && b.nat.program == "" {
		return true, errNoNAT
	}
	return true, nil
}

// networks implements kind.
func (b *bridge) networks() ([]string, error) { return []string{b.name}, nil }

// attach implements kind.
func (b *bridge) attach(ctx context.Context, _ *container, id string, a *attachment, path string) error {
	return b.locked(func(all claims) error {
		if who, m, taken := all.taker(a.Mappings); taken {
			return fmt.Errorf("port_mappings: port %d/%s of the machine leads to container %s", m.Host, m.Protocol, who)
		}
		addr, err := all.free(b.subnet, b.last())
		if err != nil {
			return err
		}
		mine := claim{b.root, id, a.Mappings}
		if err := b.put(addr, mine); err != nil {
			return err
		}
		first := len(all) == 0
		all[addr] = mine
		if err := b.up(); err != nil {
			return err
		}
		if first || len(a.Mappings) > 0 {
			if err := b.nat.apply(ctx, all); err != nil {
				return err
			}
		}
		a.Addresses = []netip.Prefix{netip.PrefixFrom(addr, b.subnet.Bits())}
		return b.plug(id, a, path)
	})
}

// up makes the bridge, if it is not there.
func (b *bridge) up() error {
	link, err := netlink.LinkByName(b.name)
	switch {
	case err == nil && !ours(link):
		return fmt.Errorf("interface %s of this machine is not ours: give --network_bridge_name another name", b.name)
	case errors.As(err, &netlink.LinkNotFoundError{}):
		if link, err = makeBridge(b.name, hardware(gateway(b.subnet))); err != nil {
			return fmt.Errorf("bridge %s: %w", b.name, err)
		}
	case err != nil:
		return fmt.Errorf("bridge %s: %w", b.name, err)
	}
	at := &netlink.Addr{IPNet: ipNet(netip.PrefixFrom(gateway(b.subnet), b.subnet.Bits()))}
	if err := netlink.AddrReplace(link, at); err != nil {
		return fmt.Errorf("address %v of bridge %s: %w", at, b.name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("bridge %s: %w", b.name, err)
	}
	if b.nat.program == "" {
		return nil
	}
	// The machine passes on what is not for itself, and its loopback addresses
	// may talk to who is in the bridge.
	for _, name := range []string{"ip_forward", "conf/" + b.name + "/route_localnet"} {
		if err := os.WriteFile("/proc/sys/net/ipv4/"+name, []byte("1"), 0); err != nil {
			return fmt.Errorf("setting of bridge %s: %w", b.name, err)
		}
	}
	return nil
}

// mark is the alias of bridges of ours: others are left alone.
const mark = "mesos"

func ours(link netlink.Link) bool { return link.Type() == "bridge" && link.Attrs().Alias == mark }

// makeBridge makes a bridge with a hardware address of its own. Without, it would have
// the lowest of those connected with it, and who is in it would not find it for a
// minute whenever that one left.
func makeBridge(name string, at net.HardwareAddr) (netlink.Link, error) {
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.Alias, attrs.HardwareAddr = name, mark, at
	if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}); err != nil {
		return nil, err
	}
	link, err := netlink.LinkByName(name)
	if err == nil && !ours(link) { // the alias is for later kernels to take at once
		err = netlink.LinkSetAlias(link, mark)
	}
	return link, err
}

// plug connects a namespace with the bridge.
func (b *bridge) plug(id string, a *attachment, path string) error {
	ns, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("network namespace of a container: %w", err)
	}
	defer func() { _ = ns.Close() }()
	master, err := netlink.LinkByName(b.name)
	if err != nil {
		return fmt.Errorf("bridge %s: %w", b.name, err)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.MasterIndex = port(b.root, id, a), master.Attrs().Index
	veth := &netlink.Veth{LinkAttrs: attrs, PeerName: a.Interface, PeerNamespace: netlink.NsFd(int(ns.Fd())), PeerHardwareAddr: hardware(a.Addresses[0].Addr())}
	if err := netlink.LinkAdd(veth); err != nil {
		return fmt.Errorf("interface %s of bridge %s: %w", attrs.Name, b.name, err)
	}
	outer, err := netlink.LinkByName(attrs.Name)
	if err == nil {
		err = errors.Join(netlink.LinkSetHairpin(outer, true), netlink.LinkSetUp(outer))
	}
	if err != nil {
		return fmt.Errorf("interface %s of bridge %s: %w", attrs.Name, b.name, err)
	}
	if err := b.address(a, int(ns.Fd())); err != nil {
		return fmt.Errorf("interface %s of a container: %w", a.Interface, err)
	}
	return nil
}

// address gives the container's interface its address, and the way to everywhere
// else, unless it has that by another network.
func (b *bridge) address(a *attachment, ns int) error {
	h, err := netlink.NewHandleAt(netns.NsHandle(ns))
	if err != nil {
		return err
	}
	defer h.Close()
	inner, err := h.LinkByName(a.Interface)
	if err != nil {
		return err
	}
	if err := h.AddrAdd(inner, &netlink.Addr{IPNet: ipNet(a.Addresses[0])}); err != nil {
		return err
	}
	if err := h.LinkSetUp(inner); err != nil {
		return err
	}
	way := &netlink.Route{LinkIndex: inner.Attrs().Index, Gw: gateway(b.subnet).AsSlice(), Dst: &net.IPNet{IP: net.IPv4zero, Mask: net.CIDRMask(0, 32)}}
	if err := h.RouteAdd(way); err != nil && !errors.Is(err, unix.EEXIST) {
		return err
	}
	return nil
}

// detach implements kind. The claim goes last: until then it is known that there is
// something to undo.
func (b *bridge) detach(ctx context.Context, _ *container, id string, a *attachment, _ string) error {
	return b.locked(func(all claims) error {
		if err := unplug(port(b.root, id, a)); err != nil {
			return err
		}
		return b.release(ctx, all, func(c claim) bool { return c.Root == b.root && c.Container == id })
	})
}

// unplug removes an interface, if it is there, which removes the one at its other end.
func unplug(name string) error {
	link, err := netlink.LinkByName(name)
	var gone netlink.LinkNotFoundError
	if errors.As(err, &gone) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil && !errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("interface %s: %w", name, err)
	}
	return nil
}

// release drops claims, and with the last one everything.
func (b *bridge) release(ctx context.Context, all claims, over func(claim) bool) error {
	mapped, some := false, false
	var dropped []netip.Addr
	for a, c := range all {
		if over(c) {
			dropped, mapped, some = append(dropped, a), mapped || len(c.Mappings) > 0, true
			delete(all, a)
		}
	}
	switch {
	case len(all) == 0: // also if nothing was ours: nobody else removes it
		if err := errors.Join(b.nat.remove(ctx), b.down()); err != nil {
			return err
		}
	case some && mapped:
		if err := b.nat.apply(ctx, all); err != nil {
			return err
		}
	}
	for _, a := range dropped {
		if err := b.drop(a); err != nil {
			return err
		}
	}
	return nil
}

// down removes the bridge, if it is ours.
func (b *bridge) down() error {
	if link, err := netlink.LinkByName(b.name); err == nil && !ours(link) {
		return nil
	}
	return unplug(b.name)
}

// recover drops claims whose containers are not there any more, not even as something
// to be taken apart: of ours, and of agents that are not there either. For the others
// everything is made good that somebody may have taken away.
func (b *bridge) recover(ctx context.Context) error {
	if _, err := os.Stat(b.dir); err != nil {
		return nil // nobody has ever claimed anything
	}
	return b.locked(func(all claims) error {
		err := b.release(ctx, all, func(c claim) bool {
			there := c.Root
			if c.Root == b.root {
				there = filepath.Join(b.root, c.Container)
			}
			_, err := os.Stat(there)
			return errors.Is(err, fs.ErrNotExist)
		})
		if err != nil || len(all) == 0 {
			return err
		}
		if err := b.up(); err != nil {
			return err
		}
		return b.nat.apply(ctx, all)
	})
}

// port is the interface of the machine that leads to a container's.
func port(root, id string, a *attachment) string {
	sum := sha256.Sum256([]byte(root + "\n" + id + "\n" + a.Interface))
	return "ms" + hex.EncodeToString(sum[:6])
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// hardware is made of the address, so that whoever remembers it from an earlier
// container with that address remembers right.
func hardware(a netip.Addr) net.HardwareAddr {
	b := a.As4()
	return net.HardwareAddr{0x02, 0x6d, b[0], b[1], b[2], b[3]}
}
