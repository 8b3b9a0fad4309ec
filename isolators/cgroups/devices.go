package cgroups

import (
	"fmt"
	"slices"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
)

// usual devices are what every container may use: those that cannot harm, and
// making nodes of any, which alone gives access to none.
var usual = []Device{
	{'c', Any, Any, "m"}, {'b', Any, Any, "m"},
	{'c', 5, 1, "rwm"},     // console
	{'c', 4, 0, "rwm"},     // tty0
	{'c', 4, 1, "rwm"},     // tty1
	{'c', 136, Any, "rwm"}, // pts
	{'c', 5, 2, "rwm"},     // ptmx
	{'c', 10, 200, "rwm"},  // net/tun
	{'c', 1, 3, "rwm"},     // null
	{'c', 1, 5, "rwm"},     // zero
	{'c', 1, 7, "rwm"},     // full
	{'c', 5, 0, "rwm"},     // tty
	{'c', 1, 8, "rwm"},     // random
	{'c', 1, 9, "rwm"},     // urandom
}

// allowed are the devices that a container may use to which some more are given.
func allowed(o Options, more []Device) []Device { return slices.Concat(usual, o.Devices, more) }

// AllowedTo are the devices that a container may use to which some nodes are given, and
// whose cgroups another program makes; nil for all, where cgroups/devices was not asked for.
func AllowedTo(o Options, given []boot.Node) []Device {
	if !o.asks("devices") {
		return nil
	}
	return allowed(o, DevicesOf(given))
}

// DevicesOf are those with some nodes.
func DevicesOf(nodes []boot.Node) (out []Device) {
	for _, n := range nodes {
		out = append(out, Device{Kind: 'c', Major: int64(n.Major), Minor: int64(n.Minor), Access: n.Access})
	}
	return out
}

// prepareDevices forbids every device but the usual and those of the options.
func prepareDevices(o Options, d cgroup.Dir, _ isolators.Container) error {
	may := allowed(o, nil)
	for _, a := range o.Devices {
		if err := a.check(); err != nil {
			return err
		}
	}
	if d.Version == 2 {
		return attachDevices(d, may)
	}
	if err := d.Write("devices.deny", "a"); err != nil {
		return err
	}
	for _, a := range may {
		if err := d.Write("devices.allow", a.String()); err != nil {
			return err
		}
	}
	return nil
}

func (d Device) check() error {
	switch {
	case !slices.Contains([]byte("abc"), d.Kind):
		return fmt.Errorf("device kind %q: want a, b or c", d.Kind)
	case d.Major < Any || d.Minor < Any || d.Major >= 1<<12 || d.Minor >= 1<<20:
		return fmt.Errorf("device number %d:%d: want a major below 4096 and a minor below 1048576, or %d for any", d.Major, d.Minor, Any)
	case d.Access == "":
		return fmt.Errorf("access to device %s: want some of r, w and m", d)
	}
	for _, a := range d.Access {
		if a != 'r' && a != 'w' && a != 'm' {
			return fmt.Errorf("access %q to device %s: want some of r, w and m", d.Access, d)
		}
	}
	return nil
}
