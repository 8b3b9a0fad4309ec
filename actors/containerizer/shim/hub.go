package shim

import (
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
)

// hub spreads what the command writes: to a file per stream, and to readers.
type hub struct {
	files [2]*os.File // stdout, stderr

	mu      sync.Mutex
	readers map[*reader]bool
	ended   bool
	first   chan struct{} // closed when the first reader is there
	hadOne  bool
}

func newHub(stdout, stderr *os.File) *hub {
	return &hub{files: [2]*os.File{stdout, stderr}, readers: map[*reader]bool{}, first: make(chan struct{})}
}

// attach adds a reader; false if there is nothing more to read.
func (h *hub) attach(conn net.Conn, session bool) (*reader, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return nil, false
	}
	r := newReader(conn, session && !h.hadOne)
	h.readers[r] = true
	if !h.hadOne {
		h.hadOne = true
		close(h.first)
	}
	return r, true
}

// giveUp lets go of what waits for the first reader.
func (h *hub) giveUp() (none bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.hadOne {
		return false
	}
	h.hadOne = true
	close(h.first)
	return true
}

func (h *hub) detach(r *reader) {
	h.mu.Lock()
	delete(h.readers, r)
	h.mu.Unlock()
}

// copy spreads one stream until its end.
func (h *hub) copy(from io.Reader, kind byte) {
	file := h.files[kind-kindStdout]
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			// A full disk loses output, but does not stop the command.
			_, _ = file.Write(buf[:n])
			h.spread(kind, buf[:n])
		}
		if err != nil {
			return // EOF; or EIO, which is the end of a terminal
		}
	}
}

func (h *hub) spread(kind byte, data []byte) {
	h.mu.Lock()
	readers := slices.Collect(maps.Keys(h.readers))
	h.mu.Unlock()
	if len(readers) == 0 {
		return
	}
	frame := appendFrame(nil, kind, data)
	for _, r := range readers {
		r.push(frame)
	}
}

// end tells readers that all was written.
func (h *hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for r := range h.readers {
		r.end()
	}
}

// drained returns when readers have what was left, or had their time for it.
func (h *hub) drained() {
	h.mu.Lock()
	left := slices.Collect(maps.Keys(h.readers))
	h.mu.Unlock()
	for _, r := range left {
		<-r.gone // bounded by its write deadline
	}
}
