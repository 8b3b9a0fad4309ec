package shim

import (
	"io"
	"os"
	"sync"
)

// stdio is the command's three streams, as both sides see them.
type stdio struct {
	command [3]*os.File // for the command; closed here when it has them
	input   *input
	output  map[byte]io.ReadCloser // what is copied, by kind of frame
}

// newStdio makes a terminal, or pipes. Only a session has an input of its own
// without a terminal: another command would wait for it instead of reading
// nothing.
func newStdio(s Spec) (*stdio, error) {
	if s.TTY != nil {
		master, slave, err := openTerminal(*s.TTY)
		if err != nil {
			return nil, err
		}
		out := &stdio{command: [3]*os.File{slave, slave, slave}, input: &input{file: master, terminal: true}}
		out.output = map[byte]io.ReadCloser{kindStdout: master}
		return out, out.give(s)
	}
	out := &stdio{output: map[byte]io.ReadCloser{}, input: &input{}}
	var err error
	if s.Session {
		if out.command[0], out.input.file, err = os.Pipe(); err != nil {
			return nil, err
		}
	} else if out.command[0], err = os.Open(os.DevNull); err != nil {
		return nil, err
	}
	for i, kind := range []byte{kindStdout, kindStderr} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		out.command[i+1], out.output[kind] = w, r
	}
	return out, out.give(s)
}

// give makes the command's user the owner of its streams, so that it can open
// /dev/stdout.
func (s *stdio) give(spec Spec) error {
	if spec.Account == nil {
		return nil
	}
	for _, f := range s.command {
		if f.Name() == os.DevNull {
			continue
		}
		if err := f.Chown(int(spec.Account.UID), int(spec.Account.GID)); err != nil {
			return err
		}
	}
	return nil
}

// started closes the command's side.
func (s *stdio) started() {
	for _, f := range s.command {
		f.Close() // a terminal's three are one; closing again does nothing
	}
}

// input is where the writer's bytes go.
type input struct {
	file     *os.File // nil: there is none
	terminal bool

	mu    sync.Mutex
	taken bool
}

// take makes the caller the only writer; why not is said in a sentence.
func (in *input) take() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.file == nil:
		return "the container has no input: it was started without a terminal, and not as a session"
	case in.taken:
		return "the container's input is attached to already: only one connection at a time can be"
	}
	in.taken = true
	return ""
}

func (in *input) release() {
	in.mu.Lock()
	in.taken = false
	in.mu.Unlock()
}

// copy carries out a writer's frames until its connection ends.
func (in *input) copy(f *frameReader) {
	for {
		kind, payload, err := f.next()
		if err != nil {
			return
		}
		switch kind {
		case kindData:
			_, err = in.file.Write(payload)
		case kindEnd:
			if !in.terminal {
				err = in.file.Close()
			}
		case kindWindow:
			if w, ok := window(payload); ok && in.terminal {
				err = resize(in.file, w)
			}
		}
		if err != nil {
			return // the command has closed its input, or ended
		}
	}
}
