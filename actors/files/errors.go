package files

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Why a path could not be shown. Errors of this package wrap one of these.
var (
	ErrInvalid   = errors.New("invalid request")   // 400: the request makes no sense for this path
	ErrForbidden = errors.New("access refused")    // 403: the path leads outside of what is attached, or the system refuses it
	ErrNotFound  = errors.New("no such file here") // 404
)

// classify turns an error of os.Root or a file into one of ours.
func classify(virtual string, err error) error {
	var errno syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP):
		return fmt.Errorf("path %q: %w", virtual, ErrNotFound)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("path %q: %w by the file's permissions", virtual, ErrForbidden)
	case errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, syscall.EINVAL):
		return fmt.Errorf("path %q: %w: no file can have this name", virtual, ErrInvalid)
	case !errors.As(err, &errno):
		// Every error that the system did not make is os.Root's refusal to leave its directory.
		return fmt.Errorf("path %q: %w: it leads outside of the attached directory", virtual, ErrForbidden)
	}
	return fmt.Errorf("path %q: %w", virtual, err)
}
