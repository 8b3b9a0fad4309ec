package shim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The kinds of frames; see the package comment.
const (
	kindOutput   = 'o'
	kindInput    = 'i'
	kindSignal   = 's'
	kindAccepted = 'A'
	kindRefused  = 'N'
	kindStdout   = '1'
	kindStderr   = '2'
	kindDropped  = 'X'
	kindData     = 'I'
	kindEnd      = 'C'
	kindWindow   = 'W'
)

// maxPayload bounds one frame in bytes. Longer data travels in several.
const maxPayload = 64 << 10

const headerSize = 5

func appendFrame(b []byte, kind byte, payload []byte) []byte {
	b = append(b, kind)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	return append(b, payload...)
}

func writeFrame(w io.Writer, kind byte, payload []byte) error {
	_, err := w.Write(appendFrame(make([]byte, 0, headerSize+len(payload)), kind, payload))
	return err
}

// frameReader reads frames into a buffer of its own.
type frameReader struct {
	r   io.Reader
	buf [headerSize + maxPayload]byte
}

// next gives a frame; the payload is valid until the next call. A clean end of
// the connection is io.EOF.
func (f *frameReader) next() (kind byte, payload []byte, err error) {
	if _, err := io.ReadFull(f.r, f.buf[:headerSize]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(f.buf[1:])
	if n > maxPayload {
		return 0, nil, fmt.Errorf("frame of kind %q has %d bytes: at most %d are allowed", f.buf[0], n, maxPayload)
	}
	payload = f.buf[headerSize : headerSize+n]
	if _, err := io.ReadFull(f.r, payload); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // no clean end
		}
		return 0, nil, fmt.Errorf("payload of a frame: %w", err)
	}
	return f.buf[0], payload, nil
}
