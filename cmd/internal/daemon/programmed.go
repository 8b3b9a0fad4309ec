package daemon

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/lxc"
	"mesos/actors/containerizer/oci"
	"mesos/actors/containerizer/program"
	"mesos/isolators"
	"mesos/isolators/catalog"
	"mesos/isolators/images"
)

// oci adds the containerizer of that name.
func (m *composer) oci() error {
	words := strings.Fields(m.s.Containerizers.OCIRuntime)
	if len(words) == 0 {
		return errors.New("flag --oci_runtime: " + wantRuntime)
	}
	root := filepath.Join(m.runtimeDir(), "oci-runtime")
	if _, is := oci.ShimProgram(words[0]); is {
		return m.shim(words)
	}
	path, err := exec.LookPath(words[0])
	if err != nil {
		return fmt.Errorf("flag --oci_runtime: %w: %s", err, wantRuntime)
	}
	o := &oci.Maker{Path: path, Flags: words[1:], Root: root}
	if l := m.layout(); l != nil {
		if err := o.Suit(l); err != nil {
			return err
		}
	}
	return m.programmed(o)
}

// wantRuntime ends errors about --oci_runtime.
const wantRuntime = "want runc, crun, runsc, kata, io.containerd.NAME.vN or the path of another"

// shim adds the containerizer oci with a shim of containerd.
func (m *composer) shim(words []string) error {
	runner, err := m.program("mesos-oci")
	if err != nil {
		return err
	}
	s, err := oci.NewShim(words[0], words[1:], runner, m.runtimeDir())
	if err != nil {
		return fmt.Errorf("flag --oci_runtime: %w", err)
	}
	return m.programmed(s)
}

// lxc adds the containerizer of that name.
func (m *composer) lxc() error {
	l := &lxc.Maker{Path: filepath.Join(m.runtimeDir(), "lxc-path")}
	for name, to := range map[string]*string{"lxc-execute": &l.Execute, "lxc-attach": &l.Attach} {
		path, err := exec.LookPath(name)
		if err != nil {
			return fmt.Errorf("%w: want the package lxc", err)
		}
		*to = path
	}
	return m.programmed(l)
}

// runtimeDir is where programs keep what they know of the containers of a work
// directory, until the machine restarts.
func (m *composer) runtimeDir() string {
	return filepath.Join(m.s.Isolation.Images.Runtime, "containers", mark(m.work))
}

// programmed adds a containerizer whose containers a program makes.
func (m *composer) programmed(p program.Maker) error {
	if os.Geteuid() != 0 {
		return errors.New("it needs an agent that runs as root")
	}
	init, err := m.program(initProgram)
	if err != nil {
		return err
	}
	layout := m.layout()
	if layout == nil {
		return &isolators.MissingError{Feature: "cgroup hierarchy", Needs: "cgroup v1 or v2 mounted"}
	}
	layout.Writable()
	m.lacking(p.Name(), false)
	o := m.s.Isolation.options(m.work, true)
	if err := m.ownFiles(p.Name(), &o); err != nil {
		return err
	}
	o.Cgroups = catalog.Cgroups(m.s.Isolation.List, o.Cgroups)
	o.Cgroups.Root += "." + p.Name()
	r, err := program.New(program.Options{
		Maker: p, Init: init, Sandbox: o.Files.Sandbox, State: filepath.Join(m.runtimeDir(), p.Name()), Group: o.Cgroups.Root, Layout: layout, Cgroups: o.Cgroups, Log: m.log,
	})
	if err != nil {
		return err
	}
	parts, err := catalog.MadeBy(m.s.Isolation.List, o, r)
	if err != nil {
		return fmt.Errorf("flag --isolation: %w", err)
	}
	o.EBPF.Apart = p.Apart()
	around, err := catalog.Around(m.s.Isolation.List, o)
	if err != nil {
		return fmt.Errorf("flag --isolation: %w", err)
	}
	parts = append(parts, around...)
	iso := &containerizer.Isolation{
		Set: isolators.NewSet(append(parts, r)...), Runtime: r, Volumes: true, Sandbox: o.Files.Sandbox, Timeout: m.s.Isolation.Timeout,
	}
	iso.Cores, iso.Disks = catalog.Tunes(m.s.Isolation.List)
	return m.add(p.Name(), iso, acceptsMesos, func(k containerizer.Known) bool { return r.Had(k.ContainerID) })
}

// lacking tells who runs the agent what the containers of a containerizer go without.
func (m *composer) lacking(name string, engine bool) {
	if without := catalog.Lacking(m.s.Isolation.List, engine); len(without) > 0 {
		m.log.Warn("containers go without isolators", "containerizer", name, "isolators", strings.Join(without, ","))
	}
}

// ownFiles has the roots of a containerizer's images, its secrets, GPUs, disks and networks, apart
// from those of others, which remove at their start what they do not know.
func (m *composer) ownFiles(name string, o *catalog.Options) error {
	o.Files.Scratch += "-" + name
	o.Network.Root += "-" + name
	o.GPU.Dir += "-" + name
	o.Loop.Dir += "-" + name
	if m.images == nil {
		return nil
	}
	var err error
	o.Files.Images, err = images.NewProvisioner(m.images, filepath.Join(m.work, "provisioner", name), m.s.Isolation.Images.Backend)
	if err != nil {
		return fmt.Errorf("images: %w", err)
	}
	return nil
}
