package shimv2

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// streams join this program's standard streams with those of a container, by named
// pipes whose other ends the shim has.
type streams struct {
	paths
	copies sync.WaitGroup // of output
}

// newStreams makes the pipes. A terminal has one for all output.
func newStreams(dir, name string, input, tty bool) (*streams, error) {
	s := &streams{paths: paths{out: filepath.Join(dir, name+".out")}}
	if input {
		s.in = filepath.Join(dir, name+".in")
	}
	if !tty {
		s.err = filepath.Join(dir, name+".err")
	}
	return s, errors.Join(makePipe(s.in), makePipe(s.out), makePipe(s.err))
}

func makePipe(path string) error {
	if path == "" {
		return nil
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return fmt.Errorf("named pipe %s: %w", path, err)
	}
	return nil
}

// copy begins to copy: an open waits until the shim opens the other end.
func (s *streams) copy(c *client) {
	for path, to := range map[string]*os.File{s.out: os.Stdout, s.err: os.Stderr} {
		if path == "" {
			continue
		}
		s.copies.Go(func() {
			from, err := os.OpenFile(path, os.O_RDONLY, 0)
			if err != nil {
				return // the shim cannot have it either
			}
			defer from.Close()
			spill(to, from)
		})
	}
	if s.in != "" {
		go s.feed(c)
	}
}

// spill copies until the end. What cannot be written is lost, as on a full disk:
// it does not stop the command.
func spill(to io.Writer, from io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		_, _ = to.Write(buf[:n])
		if err != nil {
			return
		}
	}
}

// feed copies this program's input, and tells its end. It ends with the program:
// nothing can wake who reads there.
func (s *streams) feed(c *client) {
	to, err := os.OpenFile(s.in, os.O_WRONLY, 0)
	if err != nil {
		return
	}
	_, err = io.Copy(to, os.Stdin)
	to.Close()
	if err == nil {
		_ = c.closeInput(context.Background()) // or it has ended
	}
}

// lastOutput is how long it may take until what was written before the end is there.
const lastOutput = 30 * time.Second

// finish waits until all output is there; false if it is not in time. A pipe that no
// shim has opened has none.
func (s *streams) finish() bool {
	defer s.remove()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.copies.Wait()
	}()
	for late := time.Now().Add(lastOutput); time.Now().Before(late); {
		for _, path := range s.all() {
			if f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0); err == nil {
				f.Close() // wakes who waits to open it
			}
		}
		select {
		case <-done:
			return true
		case <-time.After(10 * time.Millisecond):
		}
	}
	return false // the program ends, and with it who waits
}

// all are the paths that there are.
func (s *streams) all() []string {
	return slices.DeleteFunc([]string{s.in, s.out, s.err}, func(path string) bool { return path == "" })
}

func (s *streams) remove() {
	for _, path := range s.all() {
		_ = os.Remove(path) // the agent removes the directory
	}
}

// words keeps the last of what a shim writes to its log.
type words struct {
	pipe *os.File
	over chan struct{}
	last []byte
}

const maxWords = 4 << 10

// listen makes the pipe of the log and reads it, also while no shim has it open.
func listen(dir string) (*words, error) {
	path := filepath.Join(dir, logName)
	if err := makePipe(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("log of the shim: %w", err)
	}
	w := &words{pipe: f, over: make(chan struct{})}
	go func() {
		defer close(w.over)
		spill(w, f)
	}()
	return w, nil
}

// Write keeps the end of all that was written.
func (w *words) Write(b []byte) (int, error) {
	w.last = append(w.last, b...)
	if extra := len(w.last) - maxWords; extra > 0 {
		w.last = w.last[extra:]
	}
	return len(b), nil
}

// close ends the reading and gives the last words.
func (w *words) close() string {
	w.pipe.Close()
	<-w.over
	return string(w.last)
}
