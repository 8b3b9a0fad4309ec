package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	minReadBuffer = 4 << 10  // an idle peer costs this much
	maxReadBuffer = 64 << 10 // a busy one this much; only a longer frame takes more, and gives it back
)

// frameReader cuts a byte stream into frames. Its buffer grows with what really arrives, never with what a peer merely
// announces.
type frameReader struct {
	r          io.Reader
	buf        []byte
	start, end int // buf[start:end] is read but not used
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: r, buf: make([]byte, minReadBuffer)}
}

// magic checks the first bytes of the stream.
func (f *frameReader) magic() error {
	b, err := f.take(len(magic))
	if err != nil {
		return fmt.Errorf("link magic: %w", err)
	}
	if string(b) != magic {
		return fmt.Errorf("link magic: got % x", b)
	}
	return nil
}

// next returns the next frame, without its length; it is valid until the following call. io.EOF means that the stream
// ended between two frames.
func (f *frameReader) next(limit int) ([]byte, error) {
	b, err := f.take(lengthSize)
	if err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(b)
	if n == 0 {
		return nil, nil
	}
	if uint64(n) > uint64(limit) {
		return nil, fmt.Errorf("frame length: %d bytes, want at most %d", n, limit)
	}
	b, err = f.take(int(n))
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	return b, err
}

// take returns the next n bytes, valid until the following call.
func (f *frameReader) take(n int) ([]byte, error) {
	for f.end-f.start < n {
		if err := f.fill(n); err != nil {
			return nil, err
		}
	}
	b := f.buf[f.start : f.start+n]
	f.start += n
	return b, nil
}

// fill reads once, after making room; need is how many bytes are wanted in one piece.
func (f *frameReader) fill(need int) error {
	f.makeRoom(need)
	n, err := f.r.Read(f.buf[f.end:])
	f.end += n
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	if errors.Is(err, io.EOF) && f.start != f.end {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (f *frameReader) makeRoom(need int) {
	used := f.end - f.start
	size := len(f.buf)
	switch {
	case used == size: // all of it is the beginning of one long frame
		size *= 2
	case f.end == size && size < maxReadBuffer: // the last read left no room: a busy peer
		size *= 2
	case size > maxReadBuffer && need <= maxReadBuffer && used <= maxReadBuffer:
		size = maxReadBuffer
	}
	if size != len(f.buf) {
		buf := make([]byte, max(size, minReadBuffer))
		copy(buf, f.buf[f.start:f.end])
		f.buf, f.start, f.end = buf, 0, used
		return
	}
	if f.start == f.end {
		f.start, f.end = 0, 0
	} else if f.end == size || f.start+need > size {
		copy(f.buf, f.buf[f.start:f.end])
		f.start, f.end = 0, used
	}
}
