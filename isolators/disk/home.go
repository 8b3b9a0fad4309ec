package disk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"mesos/isolators/images"
)

// bringHome begins to make a sandbox a plain directory again.
func (k *Loop) bringHome(id string, b *box) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return
	}
	b.over = true
	k.moving.Go(func() {
		defer close(b.done)
		err := k.home(k.ctx, id, b.sandbox)
		if err != nil && k.ctx.Err() == nil {
			// The files stay where they are, in the file system, until the agent starts again.
			k.o.Log.Error("files of a sandbox stay in a file system of their own", "container_id", id, "sandbox", b.sandbox, "error", err)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.boxes[id] == b && err == nil {
			delete(k.boxes, id)
		}
	})
}

// home copies what a file system holds to a directory that takes its place, and
// removes it. Cut short at any point, it can be done again.
func (k *Loop) home(ctx context.Context, id, sandbox string) error {
	mounted, err := isMount(sandbox)
	if errors.Is(err, os.ErrNotExist) {
		return os.RemoveAll(k.dir(id)) // somebody has removed it all
	}
	if err == nil && !mounted {
		if _, err := os.Stat(filepath.Join(k.dir(id), homeLink)); err != nil {
			return os.RemoveAll(k.dir(id)) // making it has failed
		}
		err = mountImage(k.image(id), sandbox)
	}
	if err != nil {
		return err
	}
	if err := quiet(ctx, sandbox); err != nil {
		return err
	}
	out := filepath.Join(k.dir(id), outDir)
	if err := errors.Join(os.RemoveAll(out), os.Mkdir(out, 0o700)); err != nil {
		return err
	}
	if err := images.CopyTree(ctx, sandbox, out); err != nil {
		return err
	}
	if err := unix.Unmount(sandbox, unix.MNT_DETACH); err != nil {
		return &os.PathError{Op: "unmount", Path: sandbox, Err: err}
	}
	if err := unix.Renameat2(unix.AT_FDCWD, out, unix.AT_FDCWD, sandbox, unix.RENAME_EXCHANGE); err != nil {
		return &os.LinkError{Op: "exchange", Old: out, New: sandbox, Err: err}
	}
	// Mount namespaces that were made meanwhile have the mount, too: it goes with
	// the directory that it is on, which is now here.
	return os.RemoveAll(k.dir(id))
}

// quiet waits until nobody writes to a file system any more: programs that collect
// a container's output end a little later than that.
func quiet(ctx context.Context, at string) error {
	const pause, patience = 5 * time.Millisecond, 10 * time.Second
	again := time.NewTicker(pause)
	defer again.Stop()
	for end := time.Now().Add(patience); ; {
		err := unix.Mount("", at, "", unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NODEV, "")
		if !errors.Is(err, unix.EBUSY) || time.Now().After(end) {
			return nil // what else would not work is told by the next step
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
