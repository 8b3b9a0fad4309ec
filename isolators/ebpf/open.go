package ebpf

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"mesos/isolators"
)

// versioned is between the name of a pinned link and what it was made of.
const versioned = "@"

// place is the cgroup that programs are attached to, and how far down it and that of memory are.
type place struct {
	root         string
	id           uint64 // of the root
	base, memory uint32
	limited      bool // rates of packets are
	calls        bool // programs read the kernel's memory by calls, whatever the kernel can
}

// opened is a kit whose programs run.
type opened struct{ maps map[string]*ebpf.Map }

func (o *opened) close() {
	for _, m := range o.maps {
		_ = m.Close()
	}
}

// open finds what an earlier run has pinned in a directory, and makes what is missing. Programs of other
// versions give way to those of this one, and count into the same maps if those are alike.
func (k kit) open(dir string, at place) (*opened, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("directory for pins: %w", err)
	}
	spec, err := k.spec()
	if err != nil {
		return nil, fmt.Errorf("programs: %w", err)
	}
	for name, value := range map[string]any{"base": at.base, "memory_base": at.memory, "limited": at.limited, "calls": at.calls} {
		if v := spec.Variables[name]; v != nil {
			if err := v.Set(value); err != nil {
				return nil, fmt.Errorf("variable %s: %w", name, err)
			}
		}
	}
	o := &opened{maps: make(map[string]*ebpf.Map)}
	if err := o.openMaps(spec, dir); err != nil {
		o.close()
		return nil, err
	}
	if err := k.attachAll(spec, o, dir, at); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// openMaps takes up pinned maps. One that is not as the programs want it takes all others and the links with it.
func (o *opened) openMaps(spec *ebpf.CollectionSpec, dir string) error {
	for name, s := range spec.Maps {
		if strings.HasPrefix(name, ".") {
			continue // the programs' constants
		}
		m, err := ebpf.LoadPinnedMap(filepath.Join(dir, name), nil)
		if err == nil {
			err = s.Compatible(m)
			o.maps[name] = m
		}
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, ebpf.ErrMapIncompatible) {
			return o.makeMaps(spec, dir)
		}
		if err != nil {
			return fmt.Errorf("pinned map %s: %w", name, err)
		}
	}
	return nil
}

// makeMaps begins anew.
func (o *opened) makeMaps(spec *ebpf.CollectionSpec, dir string) error {
	o.close()
	clear(o.maps)
	if err := unpin(dir); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("directory for pins: %w", err)
	}
	for name, s := range spec.Maps {
		if strings.HasPrefix(name, ".") {
			continue
		}
		m, err := ebpf.NewMap(s)
		if err != nil {
			return missing("eBPF map "+name, err)
		}
		o.maps[name] = m
		if err := m.Pin(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("map %s: %w", name, err)
		}
	}
	return nil
}

// attachAll has every task done by one of its ways.
func (k kit) attachAll(spec *ebpf.CollectionSpec, o *opened, dir string, at place) error {
	sum := sha256.Sum256(fmt.Appendf(slices.Clip(k.object), "%d %d %d %v %v", at.id, at.base, at.memory, at.limited, at.calls))
	version := versioned + hex.EncodeToString(sum[:6])
	for _, t := range k.tasks {
		if slices.ContainsFunc(t.ways, func(w []string) bool { return allPinned(dir, version, w) }) {
			continue
		}
		var tried []error
		attached := func(w []string) bool {
			err := attachWay(spec, o, dir, version, at.root, w)
			tried = append(tried, err)
			return err == nil
		}
		done := slices.ContainsFunc(t.ways, attached)
		if !done {
			if err := spec.Variables["calls"].Set(true); err != nil {
				return fmt.Errorf("variable calls: %w", err)
			}
			done = slices.ContainsFunc(t.ways, attached)
		}
		if !done {
			return missing("eBPF programs for "+t.what, errors.Join(tried...))
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("pins: %w", err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), versioned) && !strings.HasSuffix(e.Name(), version) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("link of another version: %w", err)
			}
		}
	}
	return nil
}

func allPinned(dir, version string, programs []string) bool {
	return !slices.ContainsFunc(programs, func(p string) bool {
		_, err := os.Stat(filepath.Join(dir, p+version))
		return err != nil
	})
}

// attachWay attaches programs and pins their links; after an error none of them is.
func attachWay(spec *ebpf.CollectionSpec, o *opened, dir, version, root string, programs []string) (err error) {
	some := spec.Copy()
	for name := range some.Programs {
		if !slices.Contains(programs, name) {
			delete(some.Programs, name)
		}
	}
	loaded, err := ebpf.NewCollectionWithOptions(some, ebpf.CollectionOptions{MapReplacements: o.maps})
	if err != nil {
		return err
	}
	defer loaded.Close()
	defer func() {
		if err != nil {
			for _, name := range programs {
				_ = os.Remove(filepath.Join(dir, name+version))
			}
		}
	}()
	for _, name := range programs {
		pin := filepath.Join(dir, name+version)
		_ = os.Remove(pin) // one that another of the same way was missing for
		if err := attach(loaded.Programs[name], some.Programs[name].AttachType, root, pin); err != nil {
			return fmt.Errorf("program %s: %w", name, err)
		}
	}
	return nil
}

func attach(p *ebpf.Program, kind ebpf.AttachType, root, pin string) error {
	var l link.Link
	var err error
	if kind == ebpf.AttachTraceRawTp {
		l, err = link.AttachTracing(link.TracingOptions{Program: p})
	} else {
		l, err = link.AttachCgroup(link.CgroupOptions{Path: root, Attach: kind, Program: p})
	}
	if err != nil {
		return err
	}
	return errors.Join(l.Pin(pin), l.Close()) // pinned, it stays
}

// missing is the error of what the kernel refuses.
func missing(what string, err error) error {
	return &isolators.MissingError{Feature: what, Needs: "a kernel since 6.1 with BTF and CONFIG_CGROUP_BPF, and the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN", Err: err}
}
