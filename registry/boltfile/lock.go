package boltfile

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lock keeps other programs off a file. The kernel drops it when the
// program ends, however it ends; containers do not inherit it.
type lock struct{ f *os.File }

// lockFile takes the lock beside path, or says who has it.
func (k *Kind) lockFile(path string) (*lock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the %s: %w", k.Name, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, k.refuse(path, ErrInUse, holder(f))
		}
		return nil, fmt.Errorf("lock of the %s: %s: %w", k.Name, f.Name(), err)
	}
	// The number is for people: the lock holds without it.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	return &lock{f}, nil
}

func holder(f *os.File) string {
	var b [20]byte
	n, _ := f.ReadAt(b[:], 0)
	if pid := strings.TrimSpace(string(b[:n])); pid != "" {
		return "process " + pid
	}
	return ""
}

func (l *lock) release() { l.f.Close() }
