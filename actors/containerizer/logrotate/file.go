package logrotate

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// File is one log. It is for one goroutine.
type File struct {
	path   string
	limits Limits
	f      *os.File // nil while it cannot be opened
	size   int64    // written since the last rotation
	lost   int64    // bytes that could not be written, not told yet
	packer sync.WaitGroup
}

// Open opens a log, which may be there already, and goes on at its end. It
// never fails: what cannot be written is counted.
func Open(path string, l Limits) *File {
	f := &File{path: path, limits: l}
	f.open()
	if f.f != nil {
		if info, err := f.f.Stat(); err == nil {
			f.size = info.Size()
		}
	}
	return f
}

func (f *File) open() {
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		f.f = nil
		return
	}
	f.f = file
}

// Close writes out what is left and waits for files that are being packed.
func (f *File) Close() {
	f.tellLoss()
	if f.f != nil {
		_ = f.f.Close() // every write was checked
	}
	f.packer.Wait()
}

// Write writes all of b, over as many files as that takes. Nothing can be done
// about an error by who writes to it, so there is none.
func (f *File) Write(b []byte) {
	f.tellLoss()
	for len(b) > 0 {
		n := f.fits(b)
		if n == 0 {
			f.rotate()
			continue
		}
		f.put(b[:n])
		b = b[n:]
	}
}

// fits is how much of b goes into this file: whole lines, if it can be; 0 if
// nothing more.
func (f *File) fits(b []byte) int {
	room := f.limits.Max - f.size
	switch {
	case int64(len(b)) <= room:
		return len(b)
	case room <= 0:
		return 0
	}
	if end := bytes.LastIndexByte(b[:room], '\n') + 1; end > 0 || f.size > 0 {
		return end
	}
	return int(room) // a line longer than a file
}

func (f *File) put(b []byte) {
	if f.f == nil {
		f.open() // the reason may be gone
	}
	f.size += int64(len(b))
	if f.f == nil {
		f.lost += int64(len(b))
		return
	}
	n, err := f.f.Write(b)
	if err != nil {
		f.lost += int64(len(b) - n)
	}
}

// tellLoss writes a line for what could not be written before.
func (f *File) tellLoss() {
	if f.lost == 0 || f.f == nil {
		return
	}
	line := fmt.Sprintf("[mesos-logger: %d bytes are missing here: they could not be written]\n", f.lost)
	if n, err := io.WriteString(f.f, line); err == nil {
		f.size += int64(n)
		f.lost = 0
	} // else it is tried again with the next output
}

// rotate makes the file an older one and begins a new one in its place. When it
// cannot, the file grows for once more: a log that is too long is better than
// one that is lost.
func (f *File) rotate() {
	f.packer.Wait()
	f.shift()
	if f.renew() == nil {
		if f.f != nil {
			_ = f.f.Close() // every write was checked
		}
		f.open()
		if f.limits.Compress && f.limits.Keep >= 2 {
			f.packer.Go(func() { pack(f.older(2)) })
		}
	}
	f.size = 0
}

func (f *File) older(n int) string { return fmt.Sprintf("%s.%d", f.path, n) }

// shift makes place at 1. Older files have names with or without ".gz".
func (f *File) shift() {
	if f.limits.Keep == 0 {
		return
	}
	last := 0
	for last < f.limits.Keep && f.has(last+1) {
		last++
	}
	for n := last; n >= 1; n-- {
		for _, end := range []string{"", ".gz"} {
			if n == f.limits.Keep {
				_ = os.Remove(f.older(n) + end) // it has one of the names
			} else {
				_ = os.Rename(f.older(n)+end, f.older(n+1)+end) // likewise
			}
		}
	}
}

func (f *File) has(n int) bool {
	for _, end := range []string{"", ".gz"} {
		if _, err := os.Lstat(f.older(n) + end); err == nil {
			return true
		}
	}
	return false
}

// renew puts an empty file in place of the full one, which keeps the name of
// the first older one, if any are kept. There is always a file of that name.
func (f *File) renew() error {
	if f.limits.Keep > 0 {
		_ = os.Remove(f.older(1)) // a failed rotation may have left it
		if err := os.Link(f.path, f.older(1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			// Some file systems have no links.
			if err := os.Rename(f.path, f.older(1)); err != nil {
				return err
			}
		}
	}
	next := f.path + ".new"
	_ = os.Remove(next) // of a logger that was killed
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Rename(next, f.path))
}

// pack replaces a file by its packed form. If that fails it stays as it is.
func pack(path string) {
	in, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return // there is none yet
	}
	defer in.Close()
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".gz")
	_ = os.Remove(tmp) // of a logger that was killed
	out, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return
	}
	z := gzip.NewWriter(out)
	_, err = io.Copy(z, in)
	if err = errors.Join(err, z.Close(), out.Close()); err == nil {
		err = os.Rename(tmp, path+".gz")
	}
	if err != nil {
		_ = os.Remove(tmp)
		return
	}
	_ = os.Remove(path)
}
