// Package filesystem gives containers mounts of their own: [Linux] is the isolator
// filesystem/linux.
//
// What the machine mounts later is seen within, what a container mounts is not
// seen without. The files that reach the kernel itself are hidden or read-only,
// so that root in a container changes neither the machine nor its own limits.
// Root file systems of images and volumes are not its matter yet: containers see
// the files of the machine.
//
// Package catalog makes it. It only says what the container's first process is to
// do, and mounts nothing itself.
package filesystem

import (
	"context"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// Linux is the isolator filesystem/linux.
type Linux struct{ isolators.Launching }

var _ isolators.Isolator = (*Linux)(nil)

// Name implements isolators.Isolator.
func (*Linux) Name() string { return "filesystem/linux" }

// masked tell of the machine what no container needs, or reach into its memory.
var masked = []string{
	"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
	"/sys/firmware", "/sys/kernel/debug", "/sys/kernel/tracing",
}

// readOnly are settings of the kernel, and the cgroups, with which a process
// could leave its own.
var readOnly = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", "/sys"}

// Prepare implements isolators.Isolator.
func (f *Linux) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := f.Begin(c.ID); err != nil || c.Session {
		return err
	}
	l.Clone |= unix.CLONE_NEWNS
	l.Masked = append(l.Masked, masked...)
	l.ReadOnly = append(l.ReadOnly, readOnly...)
	return nil
}
