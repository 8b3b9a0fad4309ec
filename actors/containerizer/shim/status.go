package shim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// The files of a runtime directory.
const (
	socketName = "sock"
	statusName = "status"
)

// ReadStatus is how the command of the container with this runtime directory
// ended; the error wraps fs.ErrNotExist when no shim wrote it down.
func ReadStatus(dir string) (syscall.WaitStatus, error) {
	b, err := os.ReadFile(filepath.Join(dir, statusName))
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("exit status in %s: %w", dir, err)
	}
	return syscall.WaitStatus(n), nil
}

// writeStatus leaves the status whole, or not at all.
func writeStatus(dir string, ws syscall.WaitStatus) error {
	tmp := filepath.Join(dir, statusName+".new")
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%d\n", uint32(ws))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, statusName))
}
