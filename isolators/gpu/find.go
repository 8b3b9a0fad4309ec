package gpu

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
)

// GPU is one of a machine.
type GPU struct {
	Index int    // counted from 0, in the order of the buses
	UUID  string // "GPU-…"; "" where the driver does not tell
	Node  boot.Node
}

// name is what NVIDIA_VISIBLE_DEVICES and files of CDI call a GPU.
func (g GPU) name() string {
	if g.UUID != "" {
		return g.UUID
	}
	return strconv.Itoa(g.Index)
}

// information is where the driver tells of each GPU, by its bus.
const information = "proc/driver/nvidia/gpus"

// Find tells which GPUs a machine has whose /proc and /dev are below root, "/" if it
// is this one. None, and no error, are those of a machine without the driver.
func Find(root string) ([]GPU, error) {
	buses, err := os.ReadDir(filepath.Join(root, information)) // sorted by name
	if errors.Is(err, fs.ErrNotExist) {
		return findNodes(root)
	}
	if err != nil {
		return nil, fmt.Errorf("GPUs of the machine: %w", err)
	}
	var out []GPU
	for _, bus := range buses {
		text, err := os.ReadFile(filepath.Join(root, information, bus.Name(), "information"))
		if err != nil {
			return nil, fmt.Errorf("GPU at bus %s: %w", bus.Name(), err)
		}
		says := fields(string(text))
		minor, err := strconv.ParseUint(says["Device Minor"], 10, 20)
		if err != nil {
			return nil, fmt.Errorf("GPU at bus %s: its driver says Device Minor %q: want a number", bus.Name(), says["Device Minor"])
		}
		n, err := node(root, "/dev/nvidia"+strconv.FormatUint(minor, 10))
		if err != nil {
			return nil, fmt.Errorf("GPU at bus %s: %w", bus.Name(), err)
		}
		g := GPU{Index: len(out), Node: n}
		if uuid := says["GPU UUID"]; strings.HasPrefix(uuid, "GPU-") && !strings.Contains(uuid, "?") { // it is unknown before the first use
			g.UUID = uuid
		}
		out = append(out, g)
	}
	return out, nil
}

// fields reads lines of "Name: value".
func fields(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(line, ":")
		out[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return out
}

var numbered = regexp.MustCompile(`^nvidia([0-9]+)$`)

// findNodes finds GPUs by their nodes alone, in the order of their numbers.
func findNodes(root string) (out []GPU, err error) {
	all, err := os.ReadDir(filepath.Join(root, "dev"))
	if err != nil {
		return nil, fmt.Errorf("GPUs of the machine: %w", err)
	}
	for _, d := range all {
		if !numbered.MatchString(d.Name()) {
			continue
		}
		n, err := node(root, "/dev/"+d.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, GPU{Node: n})
	}
	slices.SortFunc(out, func(a, b GPU) int { return int(a.Node.Minor) - int(b.Node.Minor) })
	for i := range out {
		out[i].Index = i
	}
	return out, nil
}

// node looks at a device node.
func node(root, path string) (boot.Node, error) {
	n := boot.Node{Path: path, Host: filepath.Join(root, path), Access: "rw"}
	var is unix.Stat_t
	if err := unix.Stat(n.Host, &is); err != nil {
		return n, &os.PathError{Op: "stat", Path: n.Host, Err: err}
	}
	if is.Mode&unix.S_IFMT != unix.S_IFCHR {
		return n, fmt.Errorf("%s is no character device", n.Host)
	}
	n.Major, n.Minor = unix.Major(is.Rdev), unix.Minor(is.Rdev)
	return n, nil
}

// common are the nodes that all GPUs share, as far as they are there.
func common(root string) (out []boot.Node) {
	for _, name := range []string{"nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset"} {
		if n, err := node(root, "/dev/"+name); err == nil {
			out = append(out, n)
		}
	}
	return out
}
