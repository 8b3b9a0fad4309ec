package gpu

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"go.yaml.in/yaml/v3"

	"mesos/isolators/boot"
)

// kind is that of NVIDIA's GPUs.
const kind = "nvidia.com/gpu"

// dirs have the files; what stands in a later one counts.
var dirs = []string{"etc/cdi", "var/run/cdi"}

// spec is a file, as far as this package acts on it.
type spec struct {
	Kind    string `yaml:"kind"`
	Devices []struct {
		Name  string `yaml:"name"`
		Edits edits  `yaml:"containerEdits"`
	} `yaml:"devices"`
	Edits edits `yaml:"containerEdits"`
}

// edits are what a device changes of a container.
type edits struct {
	Env   []string `yaml:"env"`
	Nodes []struct {
		Path     string  `yaml:"path"`
		HostPath string  `yaml:"hostPath"`
		Type     string  `yaml:"type"`
		Major    *uint32 `yaml:"major"`
		Minor    *uint32 `yaml:"minor"`
		Access   string  `yaml:"permissions"`
	} `yaml:"deviceNodes"`
	Mounts []struct {
		HostPath      string   `yaml:"hostPath"`
		ContainerPath string   `yaml:"containerPath"`
		Options       []string `yaml:"options"`
	} `yaml:"mounts"`
	Hooks []struct {
		Name    string   `yaml:"hookName"`
		Path    string   `yaml:"path"`
		Args    []string `yaml:"args"`
		Env     []string `yaml:"env"`
		Timeout int      `yaml:"timeout"` // seconds
	} `yaml:"hooks"`
}

// described is a device and the file that describes it.
type described struct {
	file   string
	common *edits // of all devices of the file
	edits
}

// describe reads what files say of GPUs, by their names. No file is no error.
func describe(root string) (map[string]described, error) {
	out := map[string]described{}
	for _, dir := range dirs {
		for _, pattern := range []string{"*.json", "*.yaml"} {
			files, err := filepath.Glob(filepath.Join(root, dir, pattern))
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				if err := read(f, out); err != nil {
					return nil, fmt.Errorf("container device interface: %s: %w", f, err)
				}
			}
		}
	}
	return out, nil
}

// read reads one file, JSON being YAML.
func read(file string, to map[string]described) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it went
	}
	if err != nil {
		return err
	}
	var s spec
	if err := yaml.Unmarshal(text, &s); err != nil {
		return err
	}
	if s.Kind != kind {
		return nil
	}
	for _, d := range s.Devices {
		to[d.Name] = described{file, &s.Edits, d.Edits}
	}
	return nil
}

// of finds what is said of a GPU.
func of(all map[string]described, g GPU) (described, bool) {
	for _, name := range []string{g.UUID, strconv.Itoa(g.Index), "gpu" + strconv.Itoa(g.Index)} {
		if d, is := all[name]; is && name != "" {
			return d, true
		}
	}
	return described{}, false
}

// nodes are those of edits, looked at where the file does not say all.
func (e *edits) nodes(root string) (out []boot.Node, err error) {
	for _, d := range e.Nodes {
		n := boot.Node{Path: d.Path, Host: filepath.Join(root, d.Path), Access: "rwm"}
		if d.HostPath != "" {
			n.Host = filepath.Join(root, d.HostPath)
		}
		if d.Access != "" {
			n.Access = d.Access
		}
		switch {
		case d.Type != "" && d.Type != "c" && d.Type != "u":
			return nil, fmt.Errorf("device node %s: type %q: want c", d.Path, d.Type)
		case d.Major != nil && d.Minor != nil:
			n.Major, n.Minor = *d.Major, *d.Minor
		default:
			is, err := node("/", n.Host)
			if err != nil {
				return nil, err
			}
			n.Major, n.Minor = is.Major, is.Minor
		}
		out = append(out, n)
	}
	return out, nil
}
