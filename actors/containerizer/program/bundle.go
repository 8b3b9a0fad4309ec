package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/actors/containerizer"
	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
)

// Bundle is what a program is told of a container.
type Bundle struct {
	ID       string
	Dir      string           // the container's own, in which the program's files may be
	Root     string           // directory at which its files are mounted: those of the machine
	Group    string           // its cgroup, in every hierarchy, from the root of that; absolute
	Groups   *cgroups.Foreign // the same
	Monitor  string           // the cgroup of the program itself, where it wants one
	Inside   string           // directory of its cgroup of version 2 where the program makes none; "" if it does, or nobody asks
	Argv     []string         // what the program begins in it, as root
	Clone    uintptr          // namespaces (CLONE_NEW…) of its own
	Join     []boot.Join      // those of others that it is in
	Mounts   []boot.Mount     // what mesos-init mounts in it
	Hostname string           // "" is the machine's
	TTY      bool
	Demand   isolators.Demand
	Limits   cgroups.Amounts
	Devices  []cgroups.Device // that it may use; nil: all
	IO       []isolators.IOLimit
	IOWeight uint16
}

// Enters is the path of the namespace of a kind (CLONE_NEW…) that the container is in
// with others, "" if it has its own or the machine's.
func (b *Bundle) Enters(kind uintptr) string {
	l := boot.Launch{Join: b.Join}
	return l.Enters(int(kind))
}

// What is in the directory of a container.
const (
	rootDir   = "root"
	orderFile = "order"
)

// write writes a Launch, which may have secrets.
func write(file string, l *boot.Launch) error {
	text, err := l.MarshalBinary()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// Session is something to execute in a container that runs.
type Session struct {
	ID   string
	Argv []string // the first one is the file
	Env  []string
	Dir  string
	User *boot.User // nil for root
	TTY  bool
}

func (r *Runtime) bundle(id string, d isolators.Demand) *Bundle {
	b := &Bundle{ID: id, Dir: filepath.Join(r.o.State, id), Group: filepath.Join(cgroups.Within(r.o.Group, id), "container"), Demand: d, Limits: cgroups.AmountsOf(r.o.Cgroups, d)}
	b.Inside = r.inside(id)
	b.Monitor = filepath.Join(filepath.Dir(b.Group), "monitor")
	b.Root = filepath.Join(b.Dir, rootDir)
	b.Groups = cgroups.ForeignAt(r.o.Layout, b.Group)
	return b
}

// Had says that a container is, or was, one of this program's.
func (r *Runtime) Had(id string) bool {
	_, err := os.Stat(filepath.Join(r.o.State, id))
	return err == nil
}

// Prepare implements isolators.Isolator.
func (r *Runtime) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	b := r.bundle(c.ID, c.Demand)
	b.IO, b.IOWeight = c.IO, c.IOWeight
	if err := r.add(c.ID, &made{b: b, session: c.Session}); err != nil || c.Session {
		return err
	}
	// What the program makes of its own has nothing of the machine's; the rest is
	// as the isolators say.
	l.Clone |= unix.CLONE_NEWNS
	if name := c.Info.GetHostname(); name != "" {
		l.Hostname, l.Clone = name, l.Clone|unix.CLONE_NEWUTS
	}
	return nil
}

// Wrap implements containerizer.Runtime.
func (r *Runtime) Wrap(_ context.Context, c containerizer.Config, l *boot.Launch) error {
	m := r.find(c.ContainerID)
	if m == nil {
		return fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, c.ContainerID)
	}
	if c.Session {
		return r.enter(c, l)
	}
	b := m.b
	b.TTY, b.Clone, b.Join, b.Mounts, b.Hostname = c.TTY != nil, l.Clone, l.Join, l.Mounts, l.Hostname
	b.Devices = cgroups.AllowedTo(r.o.Cgroups, l.Given.Nodes)
	if err := os.MkdirAll(r.o.State, 0o700); err != nil {
		return err
	}
	for _, d := range []string{b.Dir, b.Root} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return fmt.Errorf("directory of the container: %w", err)
		}
	}
	order := *l
	order.Init = l.Init && !c.Reaper
	order.DieWithParent = false // its parent is the program, which is not to be relied on
	if b.Inside != "" {
		if err := os.Mkdir(b.Inside, 0o755); err != nil {
			return fmt.Errorf("cgroup of the container: %w", err)
		}
		order.Enter = b.Inside
	}
	file := filepath.Join(b.Dir, orderFile)
	b.Argv = []string{r.o.Init, boot.OrderArgument, file}
	var around []string
	if r.o.Maker.Apart() {
		var err error
		if around, err = r.outside(b, &order); err != nil {
			return err
		}
	}
	if err := write(file, &order); err != nil {
		return err
	}
	argv, err := r.o.Maker.Make(b)
	if err != nil {
		return fmt.Errorf("%s: %w", r.Name(), err)
	}
	const mount = `mount --rbind / "$1" && shift && exec "$@"`
	l.File, l.Argv = r.unshare, append([]string{"unshare", "--mount", "--propagation", "slave", "/bin/sh", "-c", mount, "sh", filepath.Join(b.Dir, rootDir)}, append(around, argv...)...)
	l.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	return nil
}

// enter has something executed in the container that a session is nested in.
func (r *Runtime) enter(c containerizer.Config, l *boot.Launch) error {
	up, _ := isolators.Parent(c.ContainerID)
	outer := r.find(up)
	if outer == nil || outer.session {
		return fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, up)
	}
	argv, err := r.o.Maker.Enter(outer.b, &Session{ID: c.ContainerID, Argv: append([]string{l.File}, l.Argv[1:]...), Env: l.Env, Dir: l.Dir, User: l.User, TTY: c.TTY != nil})
	if err != nil {
		return fmt.Errorf("%s: %w", r.Name(), err)
	}
	l.File, l.Argv = argv[0], argv
	return nil
}

// Recover implements isolators.Isolator.
func (r *Runtime) Recover(ctx context.Context, live []isolators.Live) error {
	for _, l := range live {
		session := !r.Had(l.ID)
		if err := r.add(l.ID, &made{b: r.bundle(l.ID, l.Demand), session: session}); err != nil {
			return err
		}
	}
	found, err := os.ReadDir(r.o.State)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, d := range found {
		if r.find(d.Name()) == nil && !strings.HasPrefix(d.Name(), ".") {
			r.o.Log.Info("container of an earlier run is removed", "container_id", d.Name())
			if err := r.remove(ctx, r.bundle(d.Name(), isolators.Demand{})); err != nil {
				return fmt.Errorf("container %s of an earlier run: %w", d.Name(), err)
			}
		}
	}
	return nil
}

// remove kills what is in a container, and removes what is left of it.
func (r *Runtime) remove(ctx context.Context, b *Bundle) error {
	groups := cgroups.ForeignAt(r.o.Layout, filepath.Dir(b.Group))
	if err := groups.Remove(ctx); err != nil {
		return err
	}
	if err := r.o.Maker.Forget(ctx, b); err != nil {
		return err
	}
	// The program may have made them once more before it died.
	return errors.Join(groups.Remove(ctx), os.RemoveAll(b.Dir))
}

// Cleanup implements isolators.Isolator. What a session executes is found by its
// mark, like other processes.
func (r *Runtime) Cleanup(ctx context.Context, id string) error {
	m := r.find(id)
	if m == nil {
		return nil
	}
	if !m.session {
		m.failed = cmp.Or(m.failed, r.why(m.b)) // of a second try, the first knew
		if err := r.remove(ctx, m.b); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[id] == m {
		delete(r.known, id)
		close(m.over)
		m.events.Close()
	}
	return nil
}
