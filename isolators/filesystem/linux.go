package filesystem

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/images"
	"mesos/isolators/secrets"
	v1 "mesos/messages/mesos/v1"
)

// ErrNoImages is wrapped when a container asks for an image and the agent has none.
var ErrNoImages = errors.New("this agent runs no images: it needs --image_providers=docker")

// Options of Linux.
type Options struct {
	Images  *images.Provisioner // nil: containers cannot have images
	Sandbox string              // --sandbox_directory: where a container with a root finds its sandbox
	Secrets secrets.Resolver    // of volumes; nil: those given by value
	// Creatable are directories below which paths of the machine that volumes name, and that are not there, are made.
	Creatable []string
	Scratch   string // directory for secrets and devices of containers; nobody else's
}

// Linux is the isolator filesystem/linux.
type Linux struct {
	isolators.Launching
	o Options

	mu    sync.Mutex
	roots map[string]*images.Root // of those that are being launched
}

var _ isolators.Isolator = (*Linux)(nil)

// NewLinux makes one.
func NewLinux(o Options) *Linux {
	if o.Secrets == nil {
		o.Secrets = secrets.Dir("")
	}
	return &Linux{o: o, roots: map[string]*images.Root{}}
}

// Name implements isolators.Isolator.
func (*Linux) Name() string { return "filesystem/linux" }

// Recover implements isolators.Isolator.
func (f *Linux) Recover(ctx context.Context, live []isolators.Live) error {
	if err := f.Launching.Recover(ctx, live); err != nil {
		return err
	}
	var ids []string
	for _, l := range live {
		ids = append(ids, l.ID)
	}
	left, err := os.ReadDir(f.o.Scratch)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, d := range left {
		if !slices.Contains(ids, d.Name()) {
			if err := os.RemoveAll(f.scratch(d.Name())); err != nil {
				return err
			}
		}
	}
	if f.o.Images == nil {
		return nil
	}
	return f.o.Images.Recover(ids)
}

func (f *Linux) scratch(id string) string { return filepath.Join(f.o.Scratch, id) }

// Prepare implements isolators.Isolator.
func (f *Linux) Prepare(ctx context.Context, c isolators.Container, l *boot.Launch) error {
	if err := f.Begin(c.ID); err != nil || c.Session {
		return err
	}
	l.Clone |= unix.CLONE_NEWNS
	l.Masked = append(l.Masked, masked...)
	l.ReadOnly = append(l.ReadOnly, readOnly...)
	if image := image(c.Info); image != nil {
		if err := f.root(ctx, c, l, image); err != nil {
			return fmt.Errorf("container.mesos.image: %w", err)
		}
	}
	for i, v := range c.Info.GetVolumes() {
		if err := f.volume(ctx, c, l, i, v); err != nil {
			return fmt.Errorf("container.volumes[%d]: %w", i, err)
		}
	}
	return nil
}

// image is what a container wants as its root, nil if it wants none.
func image(info *v1.ContainerInfo) *v1.Image {
	if info.GetType() != v1.ContainerInfo_MESOS {
		return nil
	}
	return info.GetMesos().GetImage()
}

// root makes the container's root of an image.
func (f *Linux) root(ctx context.Context, c isolators.Container, l *boot.Launch, image *v1.Image) error {
	if f.o.Images == nil {
		return ErrNoImages
	}
	r, err := f.o.Images.Provision(ctx, c.ID, image)
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.roots[c.ID] = r
	f.mu.Unlock()
	l.Rootfs, l.Dir = r.Dir, f.o.Sandbox
	l.Mounts = append(l.Mounts, r.Mounts("/", false)...)
	if r.Upper == r.Dir { // no device node works in it
		l.Mounts = append(l.Mounts, boot.Mount{Target: "/", Flags: unix.MS_REMOUNT | unix.MS_BIND | unix.MS_NODEV})
	}
	for _, d := range []string{"/proc", "/sys", "/dev", f.o.Sandbox} {
		if err := r.Directory(d); err != nil {
			return err
		}
	}
	const quiet = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	l.Mounts = append(l.Mounts,
		boot.Mount{Source: "proc", Target: "/proc", Type: "proc", Flags: quiet},
		boot.Mount{Source: "sysfs", Target: "/sys", Type: "sysfs", Flags: quiet | unix.MS_RDONLY},
	)
	if err := f.devices(c.ID, l); err != nil {
		return err
	}
	l.Mounts = append(l.Mounts, boot.Mount{Source: c.Sandbox, Target: f.o.Sandbox, Flags: unix.MS_BIND | unix.MS_REC | unix.MS_NODEV, Owned: true})
	for _, name := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/hostname"} {
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			continue // the machine has none
		}
		if err := r.File(name); err != nil {
			return err
		}
		l.Mounts = append(l.Mounts, boot.Mount{Source: name, Target: name, Flags: unix.MS_BIND | unix.MS_RDONLY})
	}
	return nil
}

// masked tell of the machine what no container needs, or reach into its memory.
var masked = []string{
	"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
	"/sys/firmware", "/sys/kernel/debug", "/sys/kernel/tracing",
}

// readOnly are settings of the kernel, and the cgroups, with which a process
// could leave its own.
var readOnly = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys"}

// Devices that every container with a root has, and the links beside them.
var (
	devices = []string{"null", "zero", "full", "random", "urandom", "tty"}
	links   = [][2]string{{"/proc/self/fd", "fd"}, {"fd/0", "stdin"}, {"fd/1", "stdout"}, {"fd/2", "stderr"}, {"pts/ptmx", "ptmx"}}
)

// devices makes the container's /dev: a directory in which no node works but
// those of the machine that are mounted there.
func (f *Linux) devices(id string, l *boot.Launch) error {
	dev := filepath.Join(f.scratch(id), "dev")
	if err := os.MkdirAll(f.o.Scratch, 0o711); err != nil {
		return err
	}
	for _, d := range []string{f.scratch(id), dev, filepath.Join(dev, "pts"), filepath.Join(dev, "shm")} {
		if err := os.Mkdir(d, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	l.Mounts = append(l.Mounts, boot.Mount{Source: dev, Target: "/dev", Flags: unix.MS_BIND | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC})
	for _, d := range devices {
		if err := os.WriteFile(filepath.Join(dev, d), nil, 0o666); err != nil {
			return err
		}
		l.Mounts = append(l.Mounts, boot.Mount{Source: "/dev/" + d, Target: "/dev/" + d, Flags: unix.MS_BIND})
	}
	for _, link := range links {
		if err := os.Symlink(link[0], filepath.Join(dev, link[1])); err != nil {
			return err
		}
	}
	l.Mounts = append(l.Mounts,
		boot.Mount{Source: "devpts", Target: "/dev/pts", Type: "devpts", Flags: unix.MS_NOSUID | unix.MS_NOEXEC, Data: "newinstance,ptmxmode=0666,mode=0620,gid=5"},
		boot.Mount{Source: "tmpfs", Target: "/dev/shm", Type: "tmpfs", Flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, Data: "mode=1777,size=" + strconv.Itoa(shmSize)},
	)
	return nil
}

// shmSize is that of a container's /dev/shm, if namespaces/ipc does not make
// another.
const shmSize = 64 << 20

// rootOf is the root of a container that is being launched, nil if it has none.
func (f *Linux) rootOf(id string) *images.Root {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.roots[id]
}

// Cleanup implements isolators.Isolator.
func (f *Linux) Cleanup(ctx context.Context, id string) error {
	f.mu.Lock()
	delete(f.roots, id)
	f.mu.Unlock()
	err := os.RemoveAll(f.scratch(id))
	if f.o.Images != nil {
		err = errors.Join(err, f.o.Images.Remove(id))
	}
	return errors.Join(err, f.Launching.Cleanup(ctx, id))
}

// Close implements isolators.Isolator.
func (*Linux) Close() {}
