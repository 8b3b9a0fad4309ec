package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/box"
)

// deviceNode makes a node of a kind that containers have no right to by themselves: the
// kernel's log, in a directory of its own in the machine's /dev.
func deviceNode(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev", "mesos-test-")
	if err != nil {
		t.Skip("no node can be made in /dev: ", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "log")
	if err := unix.Mknod(path, unix.S_IFCHR|0o666, int(unix.Mkdev(1, 11))); err != nil {
		t.Skip("device nodes cannot be made: ", err)
	}
	for file, mode := range map[string]os.FileMode{dir: 0o755, path: 0o666} { // whatever the umask is
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestAllowedDevices has tasks find a node that --allowed_devices names, in roots of their
// own, and open it as that says; the node of another number beside it stays shut.
func TestAllowedDevices(t *testing.T) {
	t.Parallel()
	needDevices(t)
	at := box.Registry(t, map[string]gcr.Image{"plain:1": box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}})})
	for _, maker := range []string{"mesos", "runc", "lxc"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			node, flags := deviceNode(t), []string(nil)
			if maker != "mesos" {
				needProgram(t, programs[maker].needs)
				flags = programs[maker].flags
			}
			c, cl := startContainers(t, append([]string{
				"--image_providers=docker", "--docker_registry=http://" + at, "--runtime_dir=" + filepath.Join(t.TempDir(), "run"),
				"--isolation=filesystem/linux,docker/runtime,namespaces/pid,cgroups/devices,linux/devices", "--docker_store_dir=" + filepath.Join(t.TempDir(), "store"),
				fmt.Sprintf(`--allowed_devices={"allowed_devices": [{"device": {"path": %q}, "access": {"read": true}}]}`, node),
			}, flags...)...)
			c.launchAll(imageTask("looks", "plain:1", inShell(fmt.Sprintf(`PATH=/bin; (: <%s) && echo read; (: >>%s) 2>/dev/null && echo written
				mknod /tmp/memory c 1 1; (: </tmp/memory) 2>/dev/null && echo memory; echo done`, node, node))))
			c.ends(t, cl, "looks", v1.TaskState_TASK_FINISHED, "")
			if got, want := sandboxFile(t, cl, "looks", "stdout"), "read\ndone\n"; got != want {
				t.Errorf("got %q, want %q; stderr %q", got, want, sandboxFile(t, cl, "looks", "stderr"))
			}
		})
	}
}
