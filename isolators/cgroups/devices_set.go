package cgroups

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"mesos/isolators/cgroup"
)

// SetDevices replaces the devices that a container may use beside those that every
// container gets, from what it was told before. It needs cgroups/devices. One that
// shares the cgroups of another is left as that is.
func (i *Isolator) SetDevices(id string, was, now []Device) error {
	g, err := i.group(id)
	if err != nil || g.within != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return i.setDevices(id, was, now)
}

func (i *Isolator) setDevices(id string, was, now []Device) error {
	if !slices.Contains(i.names, "devices") {
		return errors.New("devices of a container need cgroups/devices")
	}
	return setDevices(i.options, i.dir("devices", id), was, now)
}

// SetDevices is that of Isolator.
func (f *Foreign) SetDevices(o Options, was, now []Device) error {
	d, there := f.dirs["devices"]
	if !there {
		d = f.dirs[cgroupV2]
	}
	return setDevices(o, d, was, now)
}

func setDevices(o Options, d cgroup.Dir, was, now []Device) error {
	for _, device := range now {
		if err := device.check(); err != nil {
			return err
		}
	}
	all := allowed(o, now)
	if d.Version == 2 {
		return replaceDevices(d, all)
	}
	for _, old := range was {
		if !slices.Contains(now, old) {
			if err := d.Write("devices.deny", old.String()); err != nil {
				return err
			}
		}
	}
	for _, device := range all { // what was denied may be part of another
		if err := d.Write("devices.allow", device.String()); err != nil {
			return err
		}
	}
	return nil
}

// replaceDevices puts another program in the place of that of a v2 cgroup, without a
// moment in which there is none.
func replaceDevices(d cgroup.Dir, allowed []Device) error {
	next, err := loadDevices(allowed)
	if err != nil {
		return err
	}
	defer func() { _ = next.Close() }()
	dir, err := os.Open(d.Path)
	if err != nil {
		return err
	}
	defer dir.Close()
	has, err := link.QueryPrograms(link.QueryOptions{Target: int(dir.Fd()), Attach: ebpf.AttachCGroupDevice})
	if err != nil {
		return fmt.Errorf("device programs at cgroup %s: %w", d.Path, err)
	}
	o := link.RawAttachProgramOptions{Target: int(dir.Fd()), Program: next, Attach: ebpf.AttachCGroupDevice, Flags: unix.BPF_F_ALLOW_MULTI}
	for _, p := range has.Programs {
		old, err := ebpf.NewProgramFromID(p.ID)
		if err != nil {
			return fmt.Errorf("device program at cgroup %s: %w", d.Path, err)
		}
		defer func() { _ = old.Close() }()
		o.Anchor = link.ReplaceProgram(old)
	}
	if err := link.RawAttachProgram(o); err != nil {
		return fmt.Errorf("device program at cgroup %s: %w", d.Path, err)
	}
	return nil
}
