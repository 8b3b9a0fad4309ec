package disk

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

const mega = 1 << 20

// newVolume makes one in an empty directory.
func newVolume(t *testing.T, size uint64) Volume {
	t.Helper()
	at := t.TempDir()
	newLoop(t, filepath.Join(at, "probe"))
	v := Volume{Dir: filepath.Join(at, "v"), Image: filepath.Join(at, "images", "v")}
	if err := os.Mkdir(v.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Detach(); err != nil {
			t.Error(err)
		}
	})
	if err := v.Make(size); err != nil {
		t.Fatal(err)
	}
	return v
}

// bytesOf is how large the file system at a directory says that it is.
func bytesOf(t *testing.T, dir string) uint64 {
	t.Helper()
	var is unix.Statfs_t
	if err := unix.Statfs(dir, &is); err != nil {
		t.Fatal(err)
	}
	return is.Blocks * uint64(is.Bsize)
}

func (v Volume) put(t *testing.T, name string, bytes int) error {
	t.Helper()
	return os.WriteFile(filepath.Join(v.Dir, name), make([]byte, bytes), 0o600)
}

// TestVolume fills one, and takes it through all that an agent does to it.
func TestVolume(t *testing.T) {
	v := newVolume(t, 16*mega)
	if err := v.put(t, "large", 24*mega); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("more than it holds: got %v, want %v", err, unix.ENOSPC)
	}
	if err := v.put(t, "large", 8*mega); err != nil {
		t.Fatal(err)
	}
	has := func(what string) {
		t.Helper()
		if is, err := os.Stat(filepath.Join(v.Dir, "large")); err != nil || is.Size() != 8*mega {
			t.Errorf("%s: got %v, want the file", what, err)
		}
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(v.Make(16 * mega)) // again, after a crash
	has("made again")
	ok(v.Detach())
	if left, err := os.ReadDir(v.Dir); len(left) > 0 || err != nil {
		t.Errorf("beneath it: got %v, %v, want nothing", left, err)
	}
	ok(v.Mount()) // the machine has restarted
	has("mounted again")
	ok(v.Mount())
	ok(v.Resize(t.Context(), 64*mega))
	has("larger")
	if got := bytesOf(t, v.Dir); got < 48*mega || got > 64*mega {
		t.Errorf("larger: got %d bytes, want somewhat less than 64 MB", got)
	}
	ok(v.put(t, "more", 24*mega))
	if err := v.Resize(t.Context(), 16*mega); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("smaller than its data: got %v, want that it is refused", err)
	}
	has("refused")
	ok(os.Remove(filepath.Join(v.Dir, "more")))
	ok(v.Resize(t.Context(), 20*mega))
	has("smaller")
	if is, err := os.Stat(v.Image); err != nil || is.Size() != 20*mega || bytesOf(t, v.Dir) > 20*mega {
		t.Errorf("smaller: got %v, %v, %d bytes, want 20 MB", is, err, bytesOf(t, v.Dir))
	}
	ok(v.Resize(t.Context(), 20*mega)) // again, after a crash
	has("resized again")
}

// TestPlainVolume stays a directory, whatever is done to it.
func TestPlainVolume(t *testing.T) {
	v := Volume{Dir: t.TempDir(), Image: filepath.Join(t.TempDir(), "images", "v")}
	if err := v.put(t, "file", 1); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"Make": func() error { return v.Make(mega) }, "Mount": v.Mount, "Resize": func() error { return v.Resize(t.Context(), mega) }, "Detach": v.Detach,
	} {
		if err := f(); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(v.Dir, "file")); err != nil || v.sized() {
		t.Errorf("got %v, and a file system %v, want the directory as it was", err, v.sized())
	}
}

// TestVolumeElsewhere has another mount namespace keep a volume's file system: it is
// mounted by the same device, and gets another size all the same.
func TestVolumeElsewhere(t *testing.T) {
	v := newVolume(t, 16*mega)
	if err := v.put(t, "file", 1); err != nil {
		t.Fatal(err)
	}
	holder := exec.Command("unshare", "--mount", "--propagation", "private", "sh", "-c", "echo; read until_the_end")
	in, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Skip("no unshare: install util-linux: ", err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	before, err := v.device()
	if err != nil || before == "" {
		t.Fatalf("device: got %q, %v", before, err)
	}
	if err := v.Detach(); err != nil {
		t.Fatal(err)
	}
	if err := v.Mount(); err != nil {
		t.Fatal(err)
	}
	var is, was unix.Stat_t
	if err := errors.Join(unix.Stat(v.Dir, &is), unix.Stat(before, &was)); err != nil || is.Dev != was.Rdev {
		t.Errorf("device of the new mount: got %x, %v, want that of the old one, %x", is.Dev, err, was.Rdev)
	}
	if err := v.Resize(t.Context(), 32*mega); err != nil {
		t.Errorf("size of one that another has: got %v", err)
	}
	if _, err := os.Stat(filepath.Join(v.Dir, "file")); err != nil || bytesOf(t, v.Dir) < 20*mega {
		t.Errorf("then: got %v, %d bytes, want the file, and more than 20 MB", err, bytesOf(t, v.Dir))
	}
	_ = in.Close()
	_ = holder.Wait() // its status says nothing
}
