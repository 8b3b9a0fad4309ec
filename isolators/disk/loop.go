package disk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// LoopOptions are those of Loop.
type LoopOptions struct {
	// Dir holds the file systems: a directory of nobody else's, on the disk of the sandboxes.
	Dir string
	Log *slog.Logger // nil: the default one
}

// Loop is the isolator disk/loop (a name of our own): the sandbox of a container
// with disk resources is an ext4 of that size.
type Loop struct {
	isolators.Launching
	o      LoopOptions
	ctx    context.Context // until Close
	stop   context.CancelFunc
	moving sync.WaitGroup

	mu    sync.Mutex
	boxes map[string]*box
}

var (
	_ isolators.Isolator = (*Loop)(nil)
	_ isolators.Houser   = (*Loop)(nil)
)

// box is the file system of a container.
type box struct {
	sandbox string
	mu      sync.Mutex
	size    uint64        // bytes
	over    bool          // its files are being brought home
	done    chan struct{} // closed when they are, or cannot be
}

// least is the size of the smallest file system that is made, in bytes.
const least = 1 << 20

// What the directory of a container holds beside its file system.
const (
	imageFile = "image"   // the file system
	homeLink  = "sandbox" // leads to where it is mounted
	outDir    = "out"     // what is copied of it
)

// NewLoop makes one. The error is a *isolators.MissingError where the machine
// lacks something.
func NewLoop(o LoopOptions) (*Loop, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if !filepath.IsAbs(o.Dir) {
		return nil, fmt.Errorf("directory %q of file systems: want an absolute path", o.Dir)
	}
	if err := loops(o.Dir).Missing(); err != nil {
		return nil, err
	}
	k := &Loop{o: o, boxes: make(map[string]*box)}
	k.ctx, k.stop = context.WithCancel(context.Background())
	return k, nil
}

// Name implements isolators.Isolator.
func (*Loop) Name() string { return "disk/loop" }

func (k *Loop) dir(id string) string   { return filepath.Join(k.o.Dir, id) }
func (k *Loop) image(id string) string { return filepath.Join(k.o.Dir, id, imageFile) }

// Recover implements isolators.Isolator. Files of containers that ended while no
// agent was there are brought home, beside what follows.
func (k *Loop) Recover(ctx context.Context, live []isolators.Live) error {
	if err := k.Launching.Recover(ctx, live); err != nil {
		return err
	}
	known := make(map[string]bool, len(live))
	for _, l := range live {
		known[l.ID] = true
	}
	left, err := os.ReadDir(k.o.Dir)
	if err != nil {
		return err
	}
	for _, d := range left {
		id := d.Name()
		if strings.HasPrefix(id, ".") { // a probe that was cut short
			_ = unix.Unmount(filepath.Join(k.o.Dir, id, "box"), unix.MNT_DETACH)
			if err := os.RemoveAll(k.dir(id)); err != nil {
				return err
			}
			continue
		}
		b := &box{done: make(chan struct{})}
		if b.sandbox, err = os.Readlink(filepath.Join(k.dir(id), homeLink)); err == nil {
			var is os.FileInfo
			if is, err = os.Stat(k.image(id)); err == nil {
				b.size = uint64(is.Size())
			}
		}
		if err != nil { // it was about to be made, or has just been taken apart
			if err := os.RemoveAll(k.dir(id)); err != nil {
				return err
			}
			continue
		}
		k.mu.Lock()
		k.boxes[id] = b
		k.mu.Unlock()
		if !known[id] {
			k.bringHome(id, b)
		}
	}
	return nil
}

// House implements isolators.Houser. Nested containers live in the sandbox of the
// outermost, and so in its file system.
func (k *Loop) House(ctx context.Context, c isolators.Container) error {
	if _, nested := isolators.Parent(c.ID); nested || c.Session || c.Disk == 0 {
		return nil
	}
	if c.ID == "" || strings.HasPrefix(c.ID, ".") || strings.Contains(c.ID, "/") {
		return fmt.Errorf("container id %q: want one that can be the name of a directory", c.ID)
	}
	b := &box{sandbox: c.Sandbox, size: max(c.Disk, least), done: make(chan struct{})}
	if err := k.add(ctx, c.ID, b); err != nil {
		return err
	}
	if err := k.make(c, b); err != nil {
		return fmt.Errorf("file system of sandbox %s: %w", c.Sandbox, err)
	}
	return nil
}

// add remembers a box. Of an earlier container of the same name nothing may be left.
func (k *Loop) add(ctx context.Context, id string, b *box) error {
	for {
		k.mu.Lock()
		other := k.boxes[id]
		if other == nil {
			k.boxes[id] = b
		}
		k.mu.Unlock()
		if other == nil {
			return nil
		}
		other.mu.Lock()
		over := other.over
		other.mu.Unlock()
		if !over {
			return fmt.Errorf("%w: %q", isolators.ErrExists, id)
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if k.box(id) == other {
			return fmt.Errorf("%w: %q, whose files are still in a file system of their own", isolators.ErrExists, id)
		}
	}
}

// make makes and mounts the file system of a container.
func (k *Loop) make(c isolators.Container, b *box) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	has, err := os.ReadDir(c.Sandbox)
	if err == nil && len(has) > 0 {
		err = fmt.Errorf("it holds %s already: want an empty one", has[0].Name())
	}
	if err != nil {
		return err
	}
	var is unix.Stat_t
	if err := unix.Stat(c.Sandbox, &is); err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir(c.ID), 0o700); err != nil {
		return err
	}
	if err := format(k.image(c.ID), b.size, noJournal); err != nil {
		return err
	}
	// From here on it is found after a crash.
	if err := os.Symlink(c.Sandbox, filepath.Join(k.dir(c.ID), homeLink)); err != nil {
		return err
	}
	if err := mountImage(k.image(c.ID), c.Sandbox); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(k.dir(c.ID), homeLink)))
	}
	return errors.Join(
		os.Remove(filepath.Join(c.Sandbox, "lost+found")),
		unix.Chown(c.Sandbox, int(is.Uid), int(is.Gid)), unix.Chmod(c.Sandbox, is.Mode&0o7777),
	)
}

func (k *Loop) box(id string) *box {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.boxes[id]
}

// Prepare implements isolators.Isolator.
func (k *Loop) Prepare(_ context.Context, c isolators.Container, _ *boot.Launch) error {
	return k.Begin(c.ID)
}

// Update implements isolators.Isolator. A file system grows and never shrinks
// while it is mounted; a sandbox that had no disk resources stays where it is.
func (k *Loop) Update(ctx context.Context, id string, d isolators.Demand) error {
	b := k.box(id)
	if err := k.Launching.Update(ctx, id, d); err != nil || b == nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over || d.Disk <= b.size {
		return nil
	}
	if err := grow(k.image(id), b.sandbox, d.Disk); err != nil {
		return fmt.Errorf("disk of container %s, of %d bytes to %d: %w", id, b.size, d.Disk, err)
	}
	b.size = d.Disk
	return nil
}

// Usage implements isolators.Isolator. What disk/du has said of the sandbox is
// replaced by what the file system says.
func (k *Loop) Usage(id string, to *v1.ResourceStatistics) error {
	b := k.box(id)
	if err := k.Launching.Usage(id, to); err != nil || b == nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var is unix.Statfs_t
	if err := unix.Statfs(b.sandbox, &is); err != nil || b.over {
		return err
	}
	s := &v1.DiskStatistics{LimitBytes: proto.Uint64(b.size), UsedBytes: proto.Uint64((is.Blocks - is.Bfree) * uint64(is.Bsize))}
	to.DiskLimitBytes, to.DiskUsedBytes = s.LimitBytes, s.UsedBytes
	for i, other := range to.DiskStatistics {
		if other.Persistence == nil && other.Source == nil {
			to.DiskStatistics[i] = s
			return nil
		}
	}
	to.DiskStatistics = append(to.DiskStatistics, s)
	return nil
}

// Cleanup implements isolators.Isolator. The sandbox becomes a plain directory
// again, beside what follows: that takes as long as copying its files does.
func (k *Loop) Cleanup(ctx context.Context, id string) error {
	if b := k.box(id); b != nil {
		k.bringHome(id, b)
	}
	return k.Launching.Cleanup(ctx, id)
}

// Close implements isolators.Isolator. What is being copied is copied anew by the
// next run.
func (k *Loop) Close() {
	k.stop()
	k.moving.Wait()
}
