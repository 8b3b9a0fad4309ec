package vm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

var debianArch = runtime.GOARCH // Debian's names are the same for the architectures that we know

// What is built, in the folder of the cache.
const (
	treeDir    = "tree"
	kernelFile = "vmlinuz"
	initrdFile = "initrd.gz"
	diskFile   = "disk.ext4"
)

// diskSize of a machine, in the words of mke2fs; the file takes what is written.
const diskSize = "4G"

// cache returns the folder with everything built, or why there can be none here.
var cache = sync.OnceValues(func() (string, error) {
	if err := able("apt-get", "apt-cache", "dpkg-deb", "tar", "chroot", "busybox", "mke2fs"); err != nil {
		return "", err
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cache of test machines: %w", err)
	}
	recipe, err := recipe()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "mesos-tests", "vm-"+debianArch+"-"+recipe)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("cache of test machines: %w", err)
	}
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := build(dir); err != nil {
		return "", fmt.Errorf("build of the test machine: %w", err)
	}
	return dir, nil
})

// able reports what of the programs, or of rights, is missing.
func able(programs ...string) error {
	if os.Geteuid() != 0 {
		return errors.New("not root")
	}
	var missing []string
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("not found: %s (tests/setup.sh installs what it can)", strings.Join(missing, ", "))
	}
	return nil
}

// recipe names what would be built: another recipe, another folder.
func recipe() (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, "2", packages, virtio, diskSize) // the number: of what the Go code here does
	err := fs.WalkDir(guest, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := guest.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:6]), err
}

// lock has one process build while others wait.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock of the cache: %w", err)
	}
	for {
		if err = unix.Flock(int(f.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock of the cache: %w", err)
	}
	return func() { f.Close() }, nil
}

// build fills dir, all of it or nothing.
func build(dir string) (err error) {
	partial := dir + ".new"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(partial))
		}
	}()
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return err
	}
	debs, err := download(partial)
	if err != nil {
		return err
	}
	tree := filepath.Join(partial, treeDir)
	if err := buildTree(tree, debs); err != nil {
		return err
	}
	if err := buildKernel(partial, tree); err != nil {
		return err
	}
	// Without a journal: the file is smaller, and every machine's copy is thrown away.
	if err := quiet("", "mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", tree, filepath.Join(partial, diskFile), diskSize); err != nil {
		return err
	}
	for _, used := range []string{"archives", "status", "initrd"} {
		if err := os.RemoveAll(filepath.Join(partial, used)); err != nil {
			return err
		}
	}
	return os.Rename(partial, dir)
}

// Tree is the folder of a small Debian with systemd, for containers: it is
// everybody's, and must not be written to. Like [NeedTree], with an error instead.
func Tree() (string, error) {
	dir, err := cache()
	return filepath.Join(dir, treeDir), err
}

// NeedTree is [Tree] for a test, which is skipped where there can be none.
func NeedTree(t testing.TB) string {
	t.Helper()
	tree, err := Tree()
	if err != nil {
		t.Skipf("no test machine here: %v", err)
	}
	return tree
}
