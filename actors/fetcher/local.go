package fetcher

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"mesos/actors/containerizer/launch"
)

// local is the Source of file URLs and plain paths.
type local struct{}

// Open opens a regular file with the rights of the command's user, so that an
// agent that runs as root hands out nobody's secrets.
func (local) Open(_ context.Context, uri string, as *launch.Account) (io.ReadCloser, error) {
	path := uri
	if _, rest, isURL := strings.Cut(uri, "://"); isURL {
		host, p, _ := strings.Cut(rest, "/")
		if host != "" && host != "localhost" {
			return nil, fmt.Errorf("%w: a file URL names this machine, not host %q; write file:///path", ErrURI, host)
		}
		path = "/" + p
	}
	f, err := openAs(as, path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s is not a regular file (%s)", ErrURI, path, info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return sized{f, info.Size()}, nil
}

// openAs opens a file for reading as another user would. User and groups for
// file access are per thread in Linux; the thread that took them on is thrown
// away, because the goroutine ends while locked to it.
func openAs(a *launch.Account, path string) (*os.File, error) {
	// Non-blocking: opening a pipe without writer must not hang.
	const flags = os.O_RDONLY | syscall.O_NONBLOCK
	if a == nil {
		return os.OpenFile(path, flags, 0)
	}
	var f *os.File
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err = become(a); err == nil {
			f, err = os.OpenFile(path, flags, 0)
		}
	}()
	<-done
	if err != nil {
		return nil, fmt.Errorf("as user %s: %w", a.Name, err)
	}
	return f, nil
}

// become changes the file access rights of this thread alone.
func become(a *launch.Account) error {
	var first unsafe.Pointer
	if len(a.Groups) > 0 {
		first = unsafe.Pointer(&a.Groups[0])
	}
	if _, _, e := syscall.RawSyscall(syscall.SYS_SETGROUPS, uintptr(len(a.Groups)), uintptr(first), 0); e != 0 {
		return fmt.Errorf("setgroups: %w", e)
	}
	// These two report the previous id and never an error: ask again to see.
	_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSGID, uintptr(a.GID), 0, 0)
	_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, uintptr(a.UID), 0, 0)
	const ask = ^uintptr(0)
	gid, _, _ := syscall.RawSyscall(syscall.SYS_SETFSGID, ask, 0, 0)
	uid, _, _ := syscall.RawSyscall(syscall.SYS_SETFSUID, ask, 0, 0)
	if uint32(gid) != a.GID || uint32(uid) != a.UID {
		return fmt.Errorf("setfsuid, setfsgid: %w", syscall.EPERM)
	}
	return nil
}
