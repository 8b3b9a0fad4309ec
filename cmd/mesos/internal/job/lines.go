package job

import (
	"bytes"
	"io"
	"os"
	"sync"
)

// ownPrefix tells our lines from those of tasks.
const ownPrefix = "mesos: "

// screen is the terminal: several writers share it, and a line in progress is wiped before anything is written.
type screen struct {
	mu       sync.Mutex
	err      io.Writer // where our own lines go
	terminal bool      // err is one
	quiet    bool

	progress bool // a line in progress is shown
	midline  bool // a task's output on a terminal stopped within a line
}

func newScreen(o *Options) *screen {
	return &screen{err: o.Stderr, terminal: isTerminal(o.Stderr), quiet: o.Quiet}
}

// isTerminal is true for a file that a person looks at. /dev/null is a device, too, but nobody looks at it.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// wipe clears the line in progress. mu is held.
func (s *screen) wipe() {
	if s.progress {
		_, _ = io.WriteString(s.err, "\r\x1b[K") // a terminal that is gone shows nothing
		s.progress = false
	}
}

// say writes a line of ours.
func (s *screen) say(text string) {
	if s.quiet {
		return
	}
	s.complain(text)
}

// complain writes a line of ours that is not to be missed.
func (s *screen) complain(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe()
	if s.midline && s.terminal {
		text, s.midline = "\n"+ownPrefix+text, false
	} else {
		text = ownPrefix + text
	}
	_, _ = io.WriteString(s.err, text+"\n") // nobody is left to tell
}

// show writes the line in progress in place of the last one; "" only clears it.
func (s *screen) show(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wipe()
	if text != "" && !s.quiet && s.terminal && !s.midline {
		_, _ = io.WriteString(s.err, text)
		s.progress = true
	}
}

// copier writes a task's output as it comes.
type copier struct {
	screen   *screen
	to       io.Writer
	terminal bool
}

func newCopier(s *screen, to io.Writer) *copier { return &copier{s, to, isTerminal(to)} }

func (c *copier) Write(b []byte) (int, error) {
	c.screen.mu.Lock()
	defer c.screen.mu.Unlock()
	c.screen.wipe()
	if c.terminal && len(b) > 0 {
		c.screen.midline = b[len(b)-1] != '\n'
	}
	return c.to.Write(b)
}

// maxLine is how long a line may get before a part of it is written.
const maxLine = 64 << 10

// prefixer writes whole lines with a prefix each, so that the lines of several tasks do not mix. flush writes what is
// left of a line without an end.
type prefixer struct {
	to     io.Writer
	prefix string
	line   []byte
}

func (p *prefixer) Write(b []byte) (int, error) {
	var out []byte
	p.line = append(p.line, b...)
	for {
		n := bytes.IndexByte(p.line, '\n')
		switch {
		case n >= 0:
			out = append(append(out, p.prefix...), p.line[:n+1]...)
			p.line = p.line[n+1:]
			continue
		case len(p.line) > maxLine:
			out = append(append(append(out, p.prefix...), p.line...), '\n')
			p.line = nil
		}
		break
	}
	if len(out) > 0 {
		if _, err := p.to.Write(out); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

func (p *prefixer) flush() error {
	if len(p.line) == 0 {
		return nil
	}
	_, err := p.Write([]byte{'\n'})
	return err
}
