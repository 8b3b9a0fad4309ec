package network

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// Names of the isolator, which are names of --isolation. It may have both.
const (
	CNI    = "network/cni"
	Bridge = "network/bridge"
)

// Names are all of them.
func Names() []string { return []string{Bridge, CNI} }

// Options of an Isolator.
type Options struct {
	Root string // directory for what is kept of containers, of one agent alone
	// DNS is for networks that do not say themselves where names are looked up, by
	// their names, "" for all others. Without, it is where the machine does.
	DNS map[string]DNS

	// Of network/cni.
	Plugins string // directories of plugins, separated by ":"
	Configs string // directory of the files that describe networks; read again for each launch

	// Of network/bridge.
	Name   string       // of the bridge, which is the name of its network, too: "mesos0"
	Subnet netip.Prefix // IPv4; its first address is the bridge's
	Shared string       // directory for what agents on this machine must know of each other's addresses

	Log *slog.Logger // nil: the default one
}

// kind makes and takes apart interfaces of one kind of network.
type kind interface {
	// find adds to an attachment what must be kept of its network, if that is there.
	// Errors are about what is wanted of it.
	find(a *attachment, w want) (found bool, err error)
	// networks are those there are, and why others are not.
	networks() (good []string, bad error)
	// attach carries it out in the namespace at a path.
	attach(ctx context.Context, c *container, id string, a *attachment, netns string) error
	// detach undoes it, as far as it was done. netns is "" if the namespace is gone.
	detach(ctx context.Context, c *container, id string, a *attachment, netns string) error
}

// Isolator is network/cni, network/bridge, or both. With neither it is there for containers that an agent with networks
// has left: they keep theirs until they end.
type Isolator struct {
	isolators.Launching
	o      Options
	names  []string
	plugin *plugins // nil without network/cni
	bridge *bridge  // nil without network/bridge

	mu         sync.Mutex
	containers map[string]*container // those with networks of their own
}

var _ isolators.Isolator = (*Isolator)(nil)
var _ isolators.Networker = (*Isolator)(nil)

// New makes one for some of Names, or none. Errors tell what is missing in the options.
func New(o Options, names ...string) (*Isolator, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	i := &Isolator{o: o, names: slices.Sorted(slices.Values(names)), containers: make(map[string]*container)}
	var err error
	if slices.Contains(names, CNI) {
		if i.plugin, err = newPlugins(o); err != nil {
			return nil, err
		}
	}
	if slices.Contains(names, Bridge) {
		if i.bridge, err = newBridge(o); err != nil {
			return nil, err
		}
	}
	return i, nil
}

// Name implements isolators.Isolator.
func (i *Isolator) Name() string {
	if len(i.names) == 0 {
		return "network"
	}
	return strings.Join(i.names, ",")
}

// dir is where a container's state is.
func (i *Isolator) dir(id string) string { return filepath.Join(i.o.Root, id) }

// Recover implements isolators.Isolator. What cannot be taken apart, because a
// plugin fails, say, is kept for the next time, and keeps nobody else from running.
func (i *Isolator) Recover(ctx context.Context, live []isolators.Live) error {
	if err := i.Launching.Recover(ctx, live); err != nil {
		return err
	}
	left, err := os.ReadDir(i.o.Root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("networks of containers: %w", err)
	}
	for _, d := range left {
		id := d.Name()
		c, err := load(i.dir(id))
		if at := slices.IndexFunc(live, func(l isolators.Live) bool { return l.ID == id }); at >= 0 {
			if err != nil {
				return err
			}
			i.resume(id, live[at].PID, c)
			continue
		}
		if err := errors.Join(err, i.remove(ctx, id, c)); err != nil {
			i.o.Log.Error("something of the network of an earlier container is left", "container_id", id, "error", err)
		}
	}
	if i.bridge != nil {
		return i.bridge.recover(ctx)
	}
	return nil
}

// resume takes up a container that lives. What is wrong with its namespace is for
// its end, and for what is nested in it.
func (i *Isolator) resume(id string, pid int, c *container) {
	if err := keepNamespace(c.path(namespaceFile), pid); err != nil {
		i.o.Log.Warn("the network of a container is not at hand", "container_id", id, "error", err)
	}
	c.told = c.infos()
	i.add(id, c)
}

func (i *Isolator) add(id string, c *container) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.containers[id] = c
}

func (i *Isolator) known(id string) *container {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.containers[id]
}

// Prepare implements isolators.Isolator.
func (i *Isolator) Prepare(ctx context.Context, c isolators.Container, l *boot.Launch) error {
	if err := i.Begin(c.ID); err != nil || c.Session {
		return err
	}
	if l.Clone&unix.CLONE_NEWNET != 0 {
		return nil // namespaces/net has it be alone
	}
	wants, err := wanted(c.Info, c.Ports)
	if err != nil {
		return err
	}
	if len(wants) == 0 {
		return i.share(c.ID, l)
	}
	if n := len(c.Info.GetHostname()); n > maxHostname {
		return fmt.Errorf("container.hostname: %d bytes: want at most %d", n, maxHostname)
	}
	k := &container{dir: i.dir(c.ID)}
	for n, w := range wants {
		a := &attachment{Network: w.info.GetName(), Interface: fmt.Sprintf("eth%d", n)}
		if a.Asked, err = mesosjson.Marshal(w.info); err != nil {
			return fmt.Errorf("%s: %w", w.at, err)
		}
		if err := i.find(a, w); err != nil {
			return fmt.Errorf("%s.%w", w.at, err)
		}
		k.Attachments = append(k.Attachments, a)
	}
	if err := os.MkdirAll(k.dir, 0o711); err != nil {
		return fmt.Errorf("directory of a container's network: %w", err)
	}
	i.add(c.ID, k)
	if err := i.join(ctx, c.ID, k, wants); err != nil {
		return err
	}
	name := hostname(c)
	if err := k.writeFiles(name); err != nil {
		return err
	}
	i.mu.Lock()
	k.told = k.infos()
	i.mu.Unlock()
	l.Hostname, l.Clone = name, l.Clone|unix.CLONE_NEWUTS
	k.enter(l)
	return nil
}

// find says which kind a network is of.
func (i *Isolator) find(a *attachment, w want) error {
	unknown := &UnknownError{Name: a.Network}
	for _, bridge := range []bool{true, false} {
		a.Bridge = bridge
		k := i.of(a)
		if k == nil {
			continue
		}
		if found, err := k.find(a, w); found || err != nil {
			return err
		}
		names, bad := k.networks()
		unknown.Good, unknown.Bad = append(unknown.Good, names...), errors.Join(unknown.Bad, bad)
	}
	slices.Sort(unknown.Good)
	return fmt.Errorf("name: %w", unknown)
}

// join makes the namespace and attaches it to the networks. What is about to be done
// is kept before.
func (i *Isolator) join(ctx context.Context, id string, k *container, wants []want) error {
	if err := k.save(); err != nil {
		return err
	}
	netns := k.path(namespaceFile)
	if err := makeNamespace(netns); err != nil {
		return err
	}
	for n, a := range k.Attachments {
		if err := i.of(a).attach(ctx, k, id, a, netns); err != nil {
			return fmt.Errorf("%s: network %q: %w", wants[n].at, a.Network, err)
		}
		if len(a.DNS.Servers) == 0 {
			a.DNS = i.dns(a.Network)
		}
	}
	return k.save()
}

// dns is what a network has that does not say.
func (i *Isolator) dns(network string) DNS {
	if d, own := i.o.DNS[network]; own {
		return d
	}
	return i.o.DNS[""]
}

// of is the kind of an attachment's network, nil if this agent has none of it.
func (i *Isolator) of(a *attachment) kind {
	switch {
	case a.Bridge && i.bridge != nil:
		return i.bridge
	case !a.Bridge && i.plugin != nil:
		return i.plugin
	}
	return nil
}

// share has a nested container be in the network of its parent, if that is not the
// machine's: of the nearest around it that has its own.
func (i *Isolator) share(id string, l *boot.Launch) error {
	for up, nested := isolators.Parent(id); nested; up, nested = isolators.Parent(up) {
		k := i.known(up)
		if k == nil {
			continue
		}
		pid := i.PID(up)
		if pid == 0 {
			return fmt.Errorf("container %s around %s: its process is not known", up, id)
		}
		if l.Clone&unix.CLONE_NEWUTS == 0 { // namespaces/uts may give it a name of its own
			l.Join = append(l.Join, boot.Join{Kind: unix.CLONE_NEWUTS, Path: fmt.Sprintf("/proc/%d/ns/uts", pid)})
		}
		k.enter(l)
		return nil
	}
	return nil
}

// enter has a process begin in the container's network. LIBPROCESS_IP is where our
// executors and those of Mesos tell others that they are.
func (c *container) enter(l *boot.Launch) {
	l.Join = append(l.Join, boot.Join{Kind: unix.CLONE_NEWNET, Path: c.path(namespaceFile)})
	c.mountFiles(l)
	if a := c.address(); a.IsValid() {
		for _, name := range []string{"LIBPROCESS_IP", "MESOS_CONTAINER_IP"} {
			l.Env = setenv(l.Env, name, a.String())
		}
	}
}

// setenv replaces a variable: of two with one name programs see the one or the other.
func setenv(env []string, name, value string) []string {
	out := slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, name+"=") })
	return append(out, name+"="+value)
}

// maxHostname is the kernel's bound.
const maxHostname = 64

// hostname is what was asked for, or the container's id, of a nested one the last part.
func hostname(c isolators.Container) string {
	if h := c.Info.GetHostname(); h != "" {
		return h
	}
	return c.ID[strings.LastIndexByte(c.ID, '.')+1:]
}

// Networks implements isolators.Networker.
func (i *Isolator) Networks(id string) []*v1.NetworkInfo {
	i.mu.Lock()
	defer i.mu.Unlock()
	for nested := true; nested; id, nested = isolators.Parent(id) {
		if c := i.containers[id]; c != nil {
			return c.told
		}
	}
	return nil
}

// Cleanup implements isolators.Isolator.
func (i *Isolator) Cleanup(ctx context.Context, id string) error {
	if c := i.known(id); c != nil {
		if err := i.remove(ctx, id, c); err != nil {
			return err
		}
		i.mu.Lock()
		delete(i.containers, id)
		i.mu.Unlock()
	}
	return i.Launching.Cleanup(ctx, id)
}

// remove takes everything of a container apart. With the last of its namespace, what
// plugins may have failed to take out of it goes, too.
func (i *Isolator) remove(ctx context.Context, id string, c *container) error {
	netns := c.path(namespaceFile)
	here := netns
	if !isNamespace(netns) {
		here = ""
	}
	var errs []error
	for _, a := range slices.Backward(c.Attachments) {
		k, err := i.undoes(a)
		if err == nil {
			err = k.detach(ctx, c, id, a, here)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("network %q: %w", a.Network, err))
		}
	}
	errs = append(errs, removeNamespace(netns))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := os.RemoveAll(c.dir); err != nil {
		return fmt.Errorf("directory of a container's network: %w", err)
	}
	return nil
}

// Close implements isolators.Isolator.
func (*Isolator) Close() {}
