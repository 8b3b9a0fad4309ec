package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker"
	"mesos/cmd/flags"
	"mesos/isolators/cgroup"
	"mesos/isolators/images"
	v1 "mesos/messages/mesos/v1"
)

// containerizerFlags are those about containerizers that are acted on.
var containerizerFlags = []string{"containerizers", "docker_socket", "docker_stop_timeout", "docker_remove_delay", "docker_kill_orphans"}

// makers are the containerizers beside that called mesos.
var makers = map[string]func(*composer) error{dockerContainerizer: (*composer).docker, "oci": (*composer).oci, "lxc": (*composer).lxc}

// Names of --containerizers.
const (
	mesosContainerizer  = "mesos"
	dockerContainerizer = "docker"
)

// ContainerizerSettings are what makes containers.
type ContainerizerSettings struct {
	Names      []string // in the order in which they are asked; none is mesos alone
	Docker     DockerSettings
	OCIRuntime string // name or path
}

func containerizersFrom(f *flags.Set) (ContainerizerSettings, error) {
	var s ContainerizerSettings
	for name := range strings.SplitSeq(f.String("containerizers"), ",") {
		name = strings.TrimSpace(name)
		if good := append(slices.Sorted(maps.Keys(makers)), mesosContainerizer); !slices.Contains(good, name) {
			return s, fmt.Errorf("flag --containerizers: %q: want some of %s", name, strings.Join(good, ", "))
		}
		if slices.Contains(s.Names, name) {
			return s, fmt.Errorf("flag --containerizers: %q is named twice: want each once", name)
		}
		s.Names = append(s.Names, name)
	}
	s.Docker, s.OCIRuntime = dockerFrom(f), f.String("oci_runtime")
	return s, nil
}

// asked is how long a program that makes containers may take to say that it is
// there.
const asked = 30 * time.Second

// composer makes the containerizers of an agent.
type composer struct {
	s       AgentSettings
	work    string
	options containerizer.Options // of each, but for Isolation
	log     *slog.Logger
	pulled  func(time.Duration)
	images  *images.Store // nil: none
	parts   []containerizer.Part
}

// compose makes the containerizers that the settings name. iso is the isolation of
// the one called mesos.
func (m *composer) compose(iso *containerizer.Isolation) (*containerizer.Composing, error) {
	names := m.s.Containerizers.Names
	if len(names) == 0 {
		names = []string{mesosContainerizer}
	}
	for _, name := range names {
		var err error
		if name == mesosContainerizer {
			err = m.add(name, iso, acceptsMesos, nil)
		} else {
			err = makers[name](m)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("containerizer %s: %w", name, err), containerizer.NewComposing(m.parts...).Close())
		}
	}
	if !slices.Contains(names, mesosContainerizer) {
		iso.Set.Close() // nobody has it
	}
	m.log.Info("containerizers", "names", strings.Join(names, ","))
	return containerizer.NewComposing(m.parts...), nil
}

func (m *composer) add(name string, iso *containerizer.Isolation, accepts func(*v1.ContainerInfo) error, had func(containerizer.Known) bool) error {
	o := m.options
	o.Isolation = iso
	p, err := containerizer.NewPosix(o)
	if err != nil {
		return fmt.Errorf("start of the containerizer: %w", err)
	}
	m.parts = append(m.parts, containerizer.Part{Name: name, Posix: p, Accepts: accepts, Had: had})
	return nil
}

func acceptsMesos(info *v1.ContainerInfo) error {
	if docker.Accepts(info) {
		return errors.New("container.type is DOCKER: want MESOS, or an agent that has docker among its --containerizers")
	}
	return nil
}

// mark tells what an agent makes from what others on the machine do: 8 letters
// from its work directory.
func mark(work string) string {
	name := sha256.Sum256([]byte(work))
	return hex.EncodeToString(name[:4])
}

// layout is where the machine has cgroups; nil where it has none.
func (m *composer) layout() *cgroup.Layout {
	l, err := cgroup.Probe(m.s.Isolation.Options.Hierarchy)
	if err != nil {
		return nil
	}
	return l
}

func (m *composer) program(name string) (string, error) {
	return filepath.Join(m.s.Config.LauncherDir, name), checkLauncher(m.s.Config.LauncherDir, name)
}

// ask bounds a question to a program that makes containers.
func ask() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), asked)
}
