package boltfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lock keeps other programs off a file. The kernel drops it when the program ends and every child that it was forking
// at that moment has become what it should be; containers do not inherit it.
type lock struct{ f *os.File }

// patience bounds the wait for children of a program that has ended; pause is between two looks.
const (
	patience = 30 * time.Second
	pause    = 10 * time.Millisecond
)

// lockFile takes the lock beside path, or says who has it.
func (k *Kind) lockFile(path string) (*lock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the %s: %w", k.Name, err)
	}
	if err := flock(f); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, k.refuse(path, ErrInUse, describe(holder(f)))
		}
		return nil, fmt.Errorf("lock of the %s: %s: %w", k.Name, f.Name(), err)
	}
	// The number is of use to others while this program lives: the lock holds without it.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	}
	return &lock{f}, nil
}

// flock takes the lock at once, or when a holder that has ended lets go of it: what was between its fork and its exec
// when the holder was killed holds every descriptor for a moment longer.
func flock(f *os.File) (err error) {
	for end := time.Now().Add(patience); ; time.Sleep(pause) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || lives(holder(f)) || time.Now().After(end) {
			return err
		}
	}
}

// holder is the process that took the lock last, 0 if that is not known.
func holder(f *os.File) int {
	var b [20]byte
	n, _ := f.ReadAt(b[:], 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	if err != nil {
		return 0
	}
	return pid
}

// lives says that a process runs; one that nobody has waited for yet does not.
func lives(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // the state comes after the name
	return len(rest) > 0 && rest[0] != 'Z' && rest[0] != 'X'
}

func describe(pid int) string {
	if pid == 0 {
		return ""
	}
	return fmt.Sprintf("process %d", pid)
}

func (l *lock) release() { l.f.Close() }
