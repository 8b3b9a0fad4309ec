package rights

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// Device is a node of the machine that every container gets.
type Device struct {
	Path string // below /dev, there and in containers
	cgroups.Device
}

// ParseDevices reads the value of --allowed_devices, a DeviceWhitelist as JSON, and finds
// out what its nodes are. Errors name the field.
func ParseDevices(text string) (out []Device, err error) {
	var list v1.DeviceWhitelist
	if err := mesosjson.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf(`want JSON as in {"allowed_devices": [{"device": {"path": "/dev/fuse"}, "access": {"read": true, "write": true}}]}: %w`, err)
	}
	for n, a := range list.GetAllowedDevices() {
		d, err := parseDevice(a)
		if err != nil {
			return nil, fmt.Errorf("allowed_devices[%d]: %w", n, err)
		}
		out = append(out, d)
	}
	return out, nil
}

func parseDevice(a *v1.DeviceAccess) (d Device, err error) {
	d.Path = a.GetDevice().GetPath()
	if !strings.HasPrefix(d.Path, "/dev/") || filepath.Clean(d.Path) != d.Path {
		return d, fmt.Errorf("device.path %q: want the path of a node below /dev", d.Path)
	}
	access := a.GetAccess()
	for _, of := range []struct {
		letter string
		may    bool
	}{{"r", access.GetRead()}, {"w", access.GetWrite()}, {"m", access.GetMknod()}} {
		if of.may {
			d.Access += of.letter
		}
	}
	if d.Access == "" {
		return d, fmt.Errorf("access to %s: want some of read, write and mknod to be true", d.Path)
	}
	var s unix.Stat_t
	if err := unix.Stat(d.Path, &s); err != nil {
		return d, fmt.Errorf("device.path %s: %w", d.Path, err)
	}
	switch s.Mode & unix.S_IFMT {
	case unix.S_IFCHR:
		d.Kind = 'c'
	case unix.S_IFBLK:
		d.Kind = 'b'
	default:
		return d, fmt.Errorf("device.path %s: it is no device node", d.Path)
	}
	d.Major, d.Minor = int64(unix.Major(s.Rdev)), int64(unix.Minor(s.Rdev))
	return d, nil
}

// Devices is the isolator linux/devices: containers with a root of their own find some
// nodes of the machine in it; the others see those of the machine anyway. Who may open
// one is the matter of its owner and mode, and of cgroups/devices.
type Devices struct {
	isolators.Launching
	Allowed []Device
}

var _ isolators.Isolator = (*Devices)(nil)

// Name implements isolators.Isolator.
func (*Devices) Name() string { return "linux/devices" }

// Prepare implements isolators.Isolator. It acts after the isolator that makes /dev.
func (d *Devices) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := d.Begin(c.ID); err != nil || c.Session || l.Rootfs == "" {
		return err
	}
	for _, one := range d.Allowed {
		l.Mounts = append(l.Mounts, boot.Mount{Source: one.Path, Target: one.Path, Flags: unix.MS_BIND, Make: true})
	}
	return nil
}
