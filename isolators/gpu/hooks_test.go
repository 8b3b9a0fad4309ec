package gpu

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// hooked is a file of the Container Device Interface with one hook.
func hooked(name, more string) string {
	return fmt.Sprintf(`{"kind": "nvidia.com/gpu", "devices": [{"name": "0"}], "containerEdits": {"hooks": [{"hookName": %q, "path": "/usr/bin/nvidia-cdi-hook"%s}]}}`, name, more)
}

// TestHooks has what hooks are told stay for as long as their container.
func TestHooks(t *testing.T) {
	root, dir := machine(t, 1), t.TempDir()
	put(t, root, "etc/cdi/gpu.json", hooked(created, `, "args": ["nvidia-cdi-hook", "create-symlinks"], "env": ["A=b"], "timeout": 7`))
	i := newGPUs(t, newPool(t, root), dir, &allowed{})
	l := &boot.Launch{Rootfs: "/the/root"}
	if err := i.Prepare(t.Context(), isolators.Container{ID: "c", Demand: want(1)}, l); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(l.Hooks), "[{"+root+"/usr/bin/nvidia-cdi-hook [nvidia-cdi-hook create-symlinks] [A=b] 7}]"; got != want {
		t.Errorf("got hooks %s, want %s", got, want)
	}
	var state struct{ ID, Status, Bundle string }
	if err := json.Unmarshal([]byte(l.State), &state); err != nil || state.ID != "c" || state.Status != "creating" {
		t.Fatalf("got state %s, %v", l.State, err)
	}
	config := filepath.Join(state.Bundle, "config.json")
	if text, err := os.ReadFile(config); err != nil || !strings.Contains(string(text), `"root":{"path":"/the/root"}`) {
		t.Errorf("got configuration %s, %v, want the root in it", text, err)
	}
	i.Close() // the agent dies
	p := newPool(t, root)
	i = newGPUs(t, p, dir, &allowed{}, isolators.Live{ID: "c"})
	if _, err := os.Stat(config); err != nil {
		t.Errorf("bundle of a container that lives: %v", err)
	}
	if err := i.Cleanup(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("in the end: got %v, %v, want nothing left", left, err)
	}
	if err := i.Prepare(t.Context(), isolators.Container{ID: "d", Demand: want(1)}, &boot.Launch{Rootfs: "/r"}); err != nil {
		t.Fatal(err)
	}
	i.Close()
	newGPUs(t, newPool(t, root), dir, &allowed{})
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("of a container that is gone: got %v, %v, want nothing left", left, err)
	}
}

// TestHooksRefused are those of other kinds, and containers for which none can be run.
func TestHooksRefused(t *testing.T) {
	root := machine(t, 1)
	i := newGPUs(t, newPool(t, root), t.TempDir(), &allowed{})
	shares := boot.Launch{Rootfs: "/r", Join: []boot.Join{{Kind: unix.CLONE_NEWPID, Path: "/proc/7/ns/pid"}}}
	for _, c := range []struct {
		file, says string
		l          boot.Launch
	}{
		{hooked("createRuntime", ""), `has the hook ` + root + `/usr/bin/nvidia-cdi-hook of the kind "createRuntime": want createContainer`, boot.Launch{Rootfs: "/r"}},
		{hooked("createRuntime", ""), "", boot.Launch{}},
		{hooked(created, ""), "container.linux_info.share_pid_namespace", shares},
		{hooked(created, ""), "namespaces/user", boot.Launch{Rootfs: "/r", Remap: "/proc/7/fd/3"}},
		{hooked(created, `, "timeout": -1`), "seconds above 0", boot.Launch{}},
		{strings.ReplaceAll(hooked(created, ""), "/usr/bin/", ""), "want an absolute path", boot.Launch{}},
	} {
		put(t, root, "etc/cdi/gpu.json", c.file)
		err := i.Prepare(t.Context(), isolators.Container{ID: "c", Demand: want(1)}, &c.l)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want an error with %q", c.file, err, c.says)
		}
		var hook *HookError
		if is := errors.As(err, &hook); is != strings.Contains(c.says, "createRuntime") {
			t.Errorf("%s: got a %T %v", c.file, err, err)
		}
		if len(c.l.Given.Hooks) != 1 && c.says != "seconds above 0" && c.says != "want an absolute path" {
			t.Errorf("%s: got hooks %v for those who make containers, want one", c.file, c.l.Given.Hooks)
		}
		if err := i.Cleanup(t.Context(), "c"); err != nil {
			t.Fatal(err)
		}
	}
}
