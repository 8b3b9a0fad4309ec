package gpu

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
)

// created are the hooks that are run: when the container's files are there, and
// before it sees them. Those that NVIDIA's tools write are of that kind.
const created = "createContainer"

// HookError is a hook of a kind that is not run here.
type HookError struct {
	File string // of the Container Device Interface
	Path string // of the hook
	Name string // of its kind: "createRuntime"
}

func (e *HookError) Error() string {
	return fmt.Sprintf("%s has the hook %s of the kind %q: want %s, which is what is run here, or a container without an image", e.File, e.Path, e.Name, created)
}

// hook is one that a file says.
type hook struct {
	file, name string
	boot.Hook
}

func hooksOf(root, file string, e *edits) (out []hook, err error) {
	for _, h := range e.Hooks {
		if !filepath.IsAbs(h.Path) || h.Timeout < 0 {
			return nil, fmt.Errorf("hook %q with timeout %d: want an absolute path, and seconds above 0 if any", h.Path, h.Timeout)
		}
		argv := h.Args
		if len(argv) == 0 {
			argv = []string{h.Path}
		}
		out = append(out, hook{file, h.Name, boot.Hook{Path: filepath.Join(root, h.Path), Argv: argv, Env: h.Env, Seconds: h.Timeout}})
	}
	return out, nil
}

// What hooks cannot be run for. In another's pid namespace a process of that could look
// into a hook, which sees the machine's files; and what a hook makes belongs to a
// user that a user namespace does not have.
var (
	errSharesPIDs = errors.New("container.linux_info.share_pid_namespace: hooks of the Container Device Interface are not run among another's processes: leave it out")
	errRemapped   = errors.New("hooks of the Container Device Interface make files for no user of the container: want an agent without namespaces/user")
)

// hookInto has hooks run in a container that has a root of its own.
func (g *grant) hookInto(l *boot.Launch) error {
	for _, h := range g.hooks {
		if h.name != created {
			return &HookError{h.file, h.Path, h.name}
		}
		l.Hooks = append(l.Hooks, h.Hook)
	}
	switch {
	case len(g.hooks) == 0:
		return nil
	case l.Enters(unix.CLONE_NEWPID) != "":
		return errSharesPIDs
	case l.Remap != "":
		return errRemapped
	}
	return nil
}

// bundles has a directory for each container whose hooks are run, which they know as
// its bundle. No container is called that.
const bundles = ".bundles"

// version is that of the runtime specification by which hooks are told things.
const version = "1.0.2"

// bundle writes what hooks read of a container, and says where it is; i.mu is held.
func (i *Isolator) bundle(id string, l *boot.Launch) error {
	if len(l.Hooks) == 0 {
		return nil
	}
	dir := filepath.Join(i.o.Dir, bundles, id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{"ociVersion": version, "root": map[string]string{"path": l.Rootfs}})
	if err != nil {
		return err
	}
	state, err := json.Marshal(map[string]string{"ociVersion": version, "id": id, "status": "creating", "bundle": dir})
	if err != nil {
		return err
	}
	l.State = string(state)
	return os.WriteFile(filepath.Join(dir, "config.json"), config, 0o600)
}

// unbundle removes the bundle of a container, and what has held them when none is left;
// i.mu is held.
func (i *Isolator) unbundle(id string) error {
	all := filepath.Join(i.o.Dir, bundles)
	if err := os.RemoveAll(filepath.Join(all, id)); err != nil {
		return err
	}
	_ = os.Remove(all) // others have theirs
	return nil
}

// unbundleLeft removes those of containers that are over.
func (i *Isolator) unbundleLeft() error {
	left, err := os.ReadDir(filepath.Join(i.o.Dir, bundles))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, d := range left {
		if i.containers[d.Name()] == nil {
			if err := i.unbundle(d.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}
