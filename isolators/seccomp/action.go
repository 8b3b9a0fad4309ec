package seccomp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// What a filter returns, see seccomp(2).
const (
	retKillProcess = 0x80000000
	retKillThread  = 0x00000000
	retTrap        = 0x00030000
	retErrno       = 0x00050000
	retTrace       = 0x7ff00000
	retLog         = 0x7ffc0000
	retAllow       = 0x7fff0000
	retData        = 0x0000ffff
)

var actions = map[string]uint32{
	"SCMP_ACT_KILL": retKillThread, "SCMP_ACT_KILL_THREAD": retKillThread, "SCMP_ACT_KILL_PROCESS": retKillProcess, "SCMP_ACT_TRAP": retTrap,
	"SCMP_ACT_ERRNO": retErrno, "SCMP_ACT_TRACE": retTrace, "SCMP_ACT_LOG": retLog, "SCMP_ACT_ALLOW": retAllow,
}

// maxErrno is the greatest that the kernel gives a program.
const maxErrno = 4095

// value is what a filter returns for an action.
func value(action string, errno *uint32) (uint32, error) {
	v, good := actions[action]
	if !good {
		return 0, fmt.Errorf("unknown action %q: want one of %s", action, strings.Join(slices.Sorted(maps.Keys(actions)), ", "))
	}
	if v != retErrno && v != retTrace {
		return v, nil
	}
	data := uint32(unix.EPERM)
	if errno != nil {
		data = *errno
	}
	if data > maxErrno {
		return 0, fmt.Errorf("errnoRet %d: want 0 to %d", data, maxErrno)
	}
	return v | data, nil
}

// lenient says that an action lets a call happen.
func lenient(v uint32) bool { return v == retAllow || v == retLog }
