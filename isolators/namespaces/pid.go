package namespaces

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// PID is the isolator namespaces/pid.
type PID struct {
	isolators.Launching
	// Apart refuses containers that want to see the processes of the machine.
	Apart bool
}

var _ isolators.Isolator = (*PID)(nil)

// Name implements isolators.Isolator.
func (*PID) Name() string { return "namespaces/pid" }

// Prepare implements isolators.Isolator.
func (p *PID) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := p.Begin(c.ID); err != nil || c.Session {
		return err
	}
	shares := c.Info.GetLinuxInfo().GetSharePidNamespace()
	up, nested := isolators.Parent(c.ID)
	if !nested && shares && p.Apart {
		return errors.New("container.linux_info.share_pid_namespace: this agent shares its pid namespace with no container: leave it out")
	}
	within := false
	if nested && shares {
		path, err := other("pid", p.PID(up))
		if err != nil {
			return fmt.Errorf("container %s around %s: %w", up, c.ID, err)
		}
		if within = path != ""; within {
			l.Join = append(l.Join, boot.Join{Kind: unix.CLONE_NEWPID, Path: path})
		}
	}
	if !shares {
		l.Clone |= unix.CLONE_NEWPID
		l.Init = true
	}
	if !shares || within {
		l.Clone |= unix.CLONE_NEWNS
		l.Mounts = append(l.Mounts, boot.Mount{
			Source: "proc", Target: "/proc", Type: "proc", Flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, Make: l.Rootfs != "",
		})
	}
	return nil
}
