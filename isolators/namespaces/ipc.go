package namespaces

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// IPC is the isolator namespaces/ipc: System V IPC, POSIX queues and /dev/shm.
type IPC struct {
	isolators.Launching
	// Apart refuses containers that want to share those of the machine.
	Apart bool
	// ShmSize bounds a /dev/shm whose container does not say, in bytes; 0: as
	// the kernel does, at half of the memory.
	ShmSize uint64
}

var _ isolators.Isolator = (*IPC)(nil)

// Name implements isolators.Isolator.
func (*IPC) Name() string { return "namespaces/ipc" }

// Prepare implements isolators.Isolator.
func (p *IPC) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := p.Begin(c.ID); err != nil || c.Session {
		return err
	}
	mode, info := c.Info.GetLinuxInfo().GetIpcMode(), c.Info.GetLinuxInfo()
	up, nested := isolators.Parent(c.ID)
	switch {
	case info.GetShmSize() > 0 && mode != v1.LinuxInfo_PRIVATE:
		return errors.New("container.linux_info.shm_size: want ipc_mode PRIVATE with it")
	case !nested && mode == v1.LinuxInfo_SHARE_PARENT && p.Apart:
		return errors.New("container.linux_info.ipc_mode: this agent shares its ipc namespace with no container: want PRIVATE")
	case mode == v1.LinuxInfo_PRIVATE:
		size := p.ShmSize
		if n := info.GetShmSize(); n > 0 {
			size = uint64(n) << 20
		}
		private(l, size)
	case !nested && mode == v1.LinuxInfo_UNKNOWN:
		l.Clone |= unix.CLONE_NEWIPC // and the machine's /dev/shm, as in Mesos
	case nested:
		return p.share(up, c.ID, l)
	}
	return nil
}

// private gives a container a namespace and a /dev/shm.
func private(l *boot.Launch, size uint64) {
	data := "mode=1777"
	if size > 0 {
		data += fmt.Sprintf(",size=%d", size)
	}
	l.Clone |= unix.CLONE_NEWIPC | unix.CLONE_NEWNS
	l.Mounts = append(l.Mounts, boot.Mount{
		Source: "shm", Target: "/dev/shm", Type: "tmpfs", Flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, Data: data, Make: l.Rootfs != "",
	})
}

// share gives a nested container those of its parent.
func (p *IPC) share(up, id string, l *boot.Launch) error {
	pid := p.PID(up)
	path, err := other("ipc", pid)
	if err != nil {
		return fmt.Errorf("container %s around %s: %w", up, id, err)
	}
	if path != "" {
		l.Join = append(l.Join, boot.Join{Kind: unix.CLONE_NEWIPC, Path: path})
	}
	var ours, theirs unix.Stat_t
	if err := errors.Join(unix.Stat("/dev/shm", &ours), unix.Stat(fmt.Sprintf("/proc/%d/root/dev/shm", pid), &theirs)); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil // there is nothing to share
		}
		return fmt.Errorf("/dev/shm of container %s: %w", up, err)
	}
	if ours.Dev != theirs.Dev {
		l.Clone |= unix.CLONE_NEWNS
		l.Mounts = append(l.Mounts, boot.Mount{
			Source: "/dev/shm", Target: "/dev/shm", Flags: unix.MS_BIND, From: fmt.Sprintf("/proc/%d/ns/mnt", pid), Make: l.Rootfs != "",
		})
	}
	return nil
}
