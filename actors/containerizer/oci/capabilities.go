package oci

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// names are those of the kernel's capabilities, in the order of their numbers.
var names = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST
	NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG
	MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`)

// all are the capabilities that this program has itself: mesos-init, which the
// runtime begins, gives up those that the isolators say. A runtime that brings a
// kernel may not know the latest.
func all(apart bool) map[string][]string {
	mine := own()
	if apart {
		mine &= 1<<(unix.CAP_AUDIT_READ+1) - 1
	}
	list := []string{}
	for i, n := range names {
		if mine&(1<<i) != 0 {
			list = append(list, "CAP_"+n)
		}
	}
	return map[string][]string{"bounding": list, "effective": list, "permitted": list}
}

// own is the bounding set of this program.
func own() uint64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "\nCapBnd:")
	line, _, _ := strings.Cut(rest, "\n")
	set, _ := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	return set
}
