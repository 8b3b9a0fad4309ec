package namespaces

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// UTS is the isolator namespaces/uts (a name of our own): a host name that the
// container may change, at first ContainerInfo.hostname or else the machine's.
type UTS struct{ isolators.Launching }

var _ isolators.Isolator = (*UTS)(nil)

// Name implements isolators.Isolator.
func (*UTS) Name() string { return "namespaces/uts" }

// maxHostname is the kernel's, in bytes.
const maxHostname = 64

// Prepare implements isolators.Isolator.
func (u *UTS) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := u.Begin(c.ID); err != nil || c.Session {
		return err
	}
	name := c.Info.GetHostname()
	if len(name) > maxHostname {
		return fmt.Errorf("container.hostname: want at most %d bytes, got %d", maxHostname, len(name))
	}
	up, nested := isolators.Parent(c.ID)
	if nested && name == "" {
		return enterAround(u, up, c.ID, "uts", unix.CLONE_NEWUTS, l)
	}
	l.Clone |= unix.CLONE_NEWUTS
	if l.Hostname == "" {
		l.Hostname = name
	}
	return nil
}
