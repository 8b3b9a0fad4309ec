// Package recordio frames messages on a stream: each record is its length in
// bytes as a decimal number, a line feed, and the bytes. It is the framing of
// every streaming answer of the Mesos HTTP APIs and of container input.
//
// The HTTP edges write with it, clients and the container input call read with
// it. It knows nothing of what is in a record, starts no goroutine, and never
// looks for a next record after damage: a stream that is out of step is lost.
package recordio

import (
	"io"
	"strconv"
)

// Append appends the record that holds payload to dst and returns the longer
// slice. An empty payload is a record too.
func Append(dst, payload []byte) []byte {
	dst = strconv.AppendInt(dst, int64(len(payload)), 10)
	dst = append(dst, '\n')
	return append(dst, payload...)
}

// Writer writes records to a stream, each with exactly one Write, so that over
// HTTP a record is a chunk: some clients rely on that. It is for one goroutine.
type Writer struct {
	w   io.Writer
	buf []byte
}

// NewWriter returns a Writer on w.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: w}
}

// mostKept is the largest buffer, in bytes, that a Writer holds on to between
// records: one huge record shall not pin its memory for the life of a stream.
const mostKept = 64 << 10

// Write writes one record. After an error, which is that of the stream, the
// peer may have seen half of it and the stream cannot be used again.
func (w *Writer) Write(record []byte) error {
	buf := Append(w.buf[:0], record)
	if cap(buf) <= mostKept {
		w.buf = buf
	}
	n, err := w.w.Write(buf)
	if err == nil && n < len(buf) {
		err = io.ErrShortWrite
	}
	return err
}
