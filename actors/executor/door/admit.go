package door

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// admit lets everybody speak by the socket who gets at it: it lies in a directory that is closed to others. The directory
// is its user's, who could have put something else there meanwhile; whose rights change must be the socket just made.
func admit(path string) error {
	fd, err := syscall.Open(path, unix.O_PATH|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Close(fd) }()
	var is syscall.Stat_t
	if err := syscall.Fstat(fd, &is); err != nil {
		return err
	}
	if is.Mode&syscall.S_IFMT != syscall.S_IFSOCK || is.Nlink != 1 || int(is.Uid) != os.Geteuid() {
		return fmt.Errorf("somebody put another file in its place (mode %o, %d names, user %d)", is.Mode, is.Nlink, is.Uid)
	}
	return os.Chmod("/proc/self/fd/"+strconv.Itoa(fd), 0o666)
}
