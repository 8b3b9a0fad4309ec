package disk

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

// newLoop makes one, or skips with what the machine lacks.
func newLoop(t *testing.T, dir string) *Loop {
	t.Helper()
	k, err := NewLoop(LoopOptions{Dir: dir})
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// housed is a Loop whose containers get a sandbox with a file system before they are
// prepared, as a containerizer does it.
type housed struct {
	*Loop
	dir string
}

func (h housed) Prepare(ctx context.Context, c isolators.Container, l *boot.Launch) error {
	c.Disk, c.Sandbox = least, filepath.Join(h.dir, "sandboxes", c.ID)
	if h.PID(c.ID) == 0 && h.box(c.ID) == nil {
		if err := os.MkdirAll(c.Sandbox, 0o755); err != nil {
			return err
		}
		if err := h.House(ctx, c); err != nil {
			return err
		}
	}
	return h.Loop.Prepare(ctx, c, l)
}

func (h housed) Cleanup(ctx context.Context, id string) error {
	b := h.box(id)
	if err := h.Loop.Cleanup(ctx, id); err != nil || b == nil {
		return err
	}
	<-b.done
	return nil
}

func TestLoopSuite(t *testing.T) {
	dirs := map[*testing.T]string{}
	isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator {
		if dirs[t] == "" {
			dirs[t] = t.TempDir()
			t.Cleanup(func() { empty(t, newRecovered(t, filepath.Join(dirs[t], "loops"))) })
		}
		return housed{newLoop(t, filepath.Join(dirs[t], "loops")), dirs[t]}
	}})
}

func newRecovered(t *testing.T, dir string, live ...isolators.Live) *Loop {
	t.Helper()
	k := newLoop(t, dir)
	if err := k.Recover(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	return k
}

// empty wants nothing to be left of any container.
func empty(t *testing.T, k *Loop) {
	t.Helper()
	isolatortest.Eventually(t, "no file system left in "+k.o.Dir, func() bool {
		left, err := os.ReadDir(k.o.Dir)
		return err == nil && len(left) == 0
	})
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), filepath.Dir(k.o.Dir)) {
		t.Errorf("got a mount below %s in\n%s", filepath.Dir(k.o.Dir), mounts)
	}
	isolatortest.Eventually(t, "no loop device left of "+k.o.Dir, func() bool {
		all, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			if back, err := os.ReadFile(f); err == nil && strings.HasPrefix(string(back), k.o.Dir) {
				return false
			}
		}
		return true
	})
}

// home makes a container with a file system.
func homed(t *testing.T, k *Loop, id string, size uint64) isolators.Container {
	t.Helper()
	c := isolators.Container{ID: id, Sandbox: filepath.Join(filepath.Dir(k.o.Dir), id), Demand: isolators.Demand{Disk: size}}
	if err := os.Mkdir(c.Sandbox, 0o710); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(c.Sandbox, 1234, 4321); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(k.House(t.Context(), c), k.Prepare(t.Context(), c, &boot.Launch{})); err != nil {
		t.Fatal(err)
	}
	return c
}

func loopDir(t *testing.T) string { return filepath.Join(t.TempDir(), "loops") }

// fill writes to a file until the disk is full, and says how much it took.
func fill(t *testing.T, path string) (bytes int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it is full
	for {
		n, err := f.Write(make([]byte, 64<<10))
		if bytes += n; errors.Is(err, syscall.ENOSPC) {
			return bytes
		}
		if err != nil || bytes > 1<<30 {
			t.Fatalf("after %d bytes: got %v, want %v", bytes, err, syscall.ENOSPC)
		}
	}
}

// TestLoopFull wants the disk to be full for one container alone, and the figures
// to say so.
func TestLoopFull(t *testing.T) {
	const size = 8 << 20
	k := newRecovered(t, loopDir(t))
	one, two := homed(t, k, "one", size), homed(t, k, "two", size)
	if has, err := os.ReadDir(one.Sandbox); len(has) > 0 || err != nil {
		t.Errorf("a new sandbox: got %v, %v, want nothing in it", has, err)
	}
	if got := fill(t, filepath.Join(one.Sandbox, "big")); got > size || got < size*9/10 {
		t.Errorf("got %d bytes into a disk of %d, want nearly all of it", got, size)
	}
	write(t, filepath.Join(two.Sandbox, "file"), 1<<20)
	write(t, filepath.Join(filepath.Dir(one.Sandbox), "beside"), 1<<20)
	s := &v1.ResourceStatistics{DiskStatistics: []*v1.DiskStatistics{{}}} // as disk/du tells of the sandbox
	if err := k.Usage("one", s); err != nil {
		t.Fatal(err)
	}
	if used := s.GetDiskUsedBytes(); s.GetDiskLimitBytes() != size || used < size*9/10 || used > size || len(s.DiskStatistics) != 1 || s.DiskStatistics[0].GetUsedBytes() != used {
		t.Errorf("got %v, want a limit of %d bytes, nearly all of them used", s, size)
	}
	for _, c := range []isolators.Container{one, two} {
		if err := k.Cleanup(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
	}
	empty(t, k)
}

// TestLoopHome wants all of a sandbox to be there when its container is over, as it
// was, although somebody writes a little longer and another mount namespace has it.
func TestLoopHome(t *testing.T) {
	k := newRecovered(t, loopDir(t))
	c := homed(t, k, "c", 4<<20)
	write(t, filepath.Join(c.Sandbox, "dir", "file"), 100_000)
	late, err := os.Create(filepath.Join(c.Sandbox, "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	if err := late.Truncate(2 << 30); err != nil { // more than the disk has: a hole
		t.Fatal(err)
	}
	if err := errors.Join(os.Link(late.Name(), filepath.Join(c.Sandbox, "same")), os.Symlink("/etc/passwd", filepath.Join(c.Sandbox, "link"))); err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "1000") // in a namespace that was made while the sandbox was mounted
	other.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	if err := k.Cleanup(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	if _, err := late.WriteString("the last words"); err != nil {
		t.Fatal(err)
	}
	if err := late.Close(); err != nil {
		t.Fatal(err)
	}
	empty(t, k)
	if n := measured(t, c.Sandbox); n > 1<<20 {
		t.Errorf("got %d bytes on the disk, want no hole to be filled", n)
	}
	var is, again, box unix.Stat_t
	if err := errors.Join(unix.Stat(late.Name(), &is), unix.Stat(filepath.Join(c.Sandbox, "same"), &again), unix.Stat(c.Sandbox, &box)); err != nil {
		t.Fatal(err)
	}
	if is.Ino != again.Ino || is.Size != 2<<30 {
		t.Errorf("got inodes %d and %d, of %d bytes, want one of 2 GB", is.Ino, again.Ino, is.Size)
	}
	if box.Uid != 1234 || box.Gid != 4321 || box.Mode&0o777 != 0o710 {
		t.Errorf("sandbox: got owner %d:%d and mode %o, want those that it had", box.Uid, box.Gid, box.Mode&0o777)
	}
	text := make([]byte, 14)
	f, err := os.Open(late.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.ReadAt(text, 0); err != nil || string(text) != "the last words" {
		t.Errorf("got %q, %v, want what was written last", text, err)
	}
	if to, err := os.Readlink(filepath.Join(c.Sandbox, "link")); err != nil || to != "/etc/passwd" {
		t.Errorf("got a link to %q, %v, want to /etc/passwd", to, err)
	}
}

// TestLoopCrash has agents die: what lives is taken up, the files of the rest are
// brought home, also when the machine was down and nothing is mounted.
func TestLoopCrash(t *testing.T) {
	dir := loopDir(t)
	k := newRecovered(t, dir)
	lives, dies, down := homed(t, k, "lives", 2<<20), homed(t, k, "dies", 2<<20), homed(t, k, "down", 2<<20)
	for _, c := range []isolators.Container{lives, dies, down} {
		write(t, filepath.Join(c.Sandbox, "file"), 1000)
	}
	k.Close()
	if err := errors.Join(unix.Unmount(down.Sandbox, 0), os.MkdirAll(filepath.Join(dir, "half", "out"), 0o700)); err != nil {
		t.Fatal(err)
	}
	k = newRecovered(t, dir, isolators.Live{ID: "lives", Sandbox: lives.Sandbox})
	isolatortest.Eventually(t, "one file system left", func() bool { left, err := os.ReadDir(dir); return err == nil && len(left) == 1 })
	for _, c := range []isolators.Container{lives, dies, down} {
		if is, err := os.Stat(filepath.Join(c.Sandbox, "file")); err != nil || is.Size() != 1000 {
			t.Errorf("file of %s: got %v, %v, want one of 1000 bytes", c.ID, is, err)
		}
		if mounted, err := isMount(c.Sandbox); err != nil || mounted != (c.ID == "lives") {
			t.Errorf("%s: got mounted %v, %v", c.ID, mounted, err)
		}
	}
	s := &v1.ResourceStatistics{}
	if err := k.Usage("lives", s); err != nil || s.GetDiskLimitBytes() != 2<<20 {
		t.Errorf("usage of what lives: got %v, %v, want a limit of 2 MB", s, err)
	}
	if err := os.RemoveAll(dies.Sandbox); err != nil {
		t.Fatal(err)
	}
	if err := k.Cleanup(t.Context(), "lives"); err != nil {
		t.Fatal(err)
	}
	empty(t, k)
}

// TestLoopGrows wants more room at once, or to be told which right that takes.
func TestLoopGrows(t *testing.T) {
	k := newRecovered(t, loopDir(t))
	c := homed(t, k, "c", 4<<20)
	err := k.Update(t.Context(), "c", isolators.Demand{Disk: 32 << 20})
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		if !strings.Contains(err.Error(), "CAP_SYS_RESOURCE") || has(t, unix.CAP_SYS_RESOURCE) {
			t.Errorf("got %v, want growth, or the capability that is missing", err)
		}
	} else if got := fill(t, filepath.Join(c.Sandbox, "big")); err != nil || got < 30<<20 || got > 32<<20 {
		t.Errorf("got %d bytes into a disk that grew to %d, %v", got, 32<<20, err)
	}
	for _, less := range []uint64{0, 1 << 20} { // never while somebody is in it
		if err := k.Update(t.Context(), "c", isolators.Demand{Disk: less}); err != nil {
			t.Errorf("less: got %v, want it to stay as it is", err)
		}
	}
	if err := k.Cleanup(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	empty(t, k)
}

// has says whether this process has a capability.
func has(t *testing.T, capability int) bool {
	t.Helper()
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		t.Fatal(err)
	}
	return data[capability/32].Effective&(1<<(capability%32)) != 0
}

// TestLoopLeavesAlone wants no file system for what has no disk of its own.
func TestLoopLeavesAlone(t *testing.T) {
	k := newRecovered(t, loopDir(t))
	box := t.TempDir()
	for _, c := range []isolators.Container{{ID: "none"}, {ID: "outer.inner", Demand: isolators.Demand{Disk: 1 << 20}}, {ID: "session", Session: true, Demand: isolators.Demand{Disk: 1 << 20}}} {
		c.Sandbox = box
		if err := errors.Join(k.House(t.Context(), c), k.Prepare(t.Context(), c, &boot.Launch{})); err != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
		if mounted, err := isMount(box); mounted || err != nil {
			t.Errorf("%s: got mounted %v, %v, want not", c.ID, mounted, err)
		}
	}
	write(t, filepath.Join(box, "file"), 1)
	if err := k.House(t.Context(), isolators.Container{ID: "full", Sandbox: box, Demand: isolators.Demand{Disk: 1 << 20}}); err == nil || !strings.Contains(err.Error(), "it holds file already") {
		t.Errorf("a sandbox with something in it: got %v", err)
	}
	if err := k.Cleanup(t.Context(), "full"); err != nil {
		t.Fatal(err)
	}
	empty(t, k)
	if _, err := os.Stat(filepath.Join(box, "file")); err != nil {
		t.Error(err)
	}
}
