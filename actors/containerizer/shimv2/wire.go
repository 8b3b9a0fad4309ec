package shimv2

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrGone is wrapped when the shim has closed the connection, which is its end.
var ErrGone = errors.New("the shim has ended")

// RefusedError is what a shim answers to a call that it does not carry out.
type RefusedError struct {
	Method  string
	Code    int // as gRPC numbers them
	Message string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%s: %s", e.Method, e.Message) }

// A frame is its length, the number of its stream, what it is and flags, then a message.
const (
	headerSize = 10
	maxFrame   = 4 << 20
	isRequest  = 1
	isResponse = 2
)

// answerTime bounds how long a shim may take for a call, except to wait and to make
// a container.
const answerTime = 30 * time.Second

// wire is a connection on which calls are made, many at a time.
type wire struct {
	conn    net.Conn
	writing sync.Mutex
	gone    chan struct{} // closed when the connection has ended

	mu      sync.Mutex
	last    uint32
	waiting map[uint32]chan []byte
	err     error
}

func newWire(c net.Conn) *wire {
	w := &wire{conn: c, gone: make(chan struct{}), waiting: map[uint32]chan []byte{}}
	go w.read()
	return w
}

// Close ends the connection, and returns when nothing reads from it any more.
func (w *wire) Close() {
	w.conn.Close()
	<-w.gone
}

// call makes a call and returns the answer's message.
func (w *wire) call(ctx context.Context, service, method string, message []byte) ([]byte, error) {
	var request []byte
	request = appendString(request, 1, service)
	request = appendString(request, 2, method)
	request = appendBytes(request, 3, message)
	id, answer := w.enter()
	defer w.leave(id)
	if w.send(id, request) != nil {
		return nil, ErrGone
	}
	select {
	case response := <-answer:
		return opened(method, response)
	case <-w.gone:
		select {
		case response := <-answer: // it was the last
			return opened(method, response)
		default:
			return nil, w.err
		}
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: no answer of the shim: %w", method, context.Cause(ctx))
	}
}

// enter gives the number of a new stream: those of clients are odd.
func (w *wire) enter() (uint32, chan []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last += 2
	answer := make(chan []byte, 1)
	w.waiting[w.last-1] = answer
	return w.last - 1, answer
}

func (w *wire) leave(id uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waiting, id)
}

func (w *wire) send(id uint32, message []byte) error {
	frame := binary.BigEndian.AppendUint32(make([]byte, 0, headerSize+len(message)), uint32(len(message)))
	frame = append(binary.BigEndian.AppendUint32(frame, id), isRequest, 0)
	w.writing.Lock()
	defer w.writing.Unlock()
	_, err := w.conn.Write(append(frame, message...))
	return err
}

// read hands out answers until the connection ends. How it does says nothing: one that
// is reset had a request that was not read.
func (w *wire) read() {
	w.err = w.readAll()
	w.conn.Close()
	close(w.gone)
}

func (w *wire) readAll() error {
	var header [headerSize]byte
	for {
		if _, err := io.ReadFull(w.conn, header[:]); err != nil {
			return ErrGone
		}
		size, id := binary.BigEndian.Uint32(header[:]), binary.BigEndian.Uint32(header[4:])
		if size > maxFrame {
			return fmt.Errorf("%w: its answer has %d bytes, at most %d are allowed", ErrGone, size, maxFrame)
		}
		message := make([]byte, size)
		if _, err := io.ReadFull(w.conn, message); err != nil {
			return ErrGone
		}
		w.mu.Lock()
		answer := w.waiting[id]
		delete(w.waiting, id)
		w.mu.Unlock()
		if answer != nil && header[8] == isResponse {
			answer <- message
		}
	}
}

// opened takes an answer apart: a status, and the message.
func opened(method string, response []byte) ([]byte, error) {
	var message, status []byte
	err := eachField(response, func(n protowire.Number, _ uint64, b []byte) {
		switch n {
		case 1:
			status = b
		case 2:
			message = b
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: answer of the shim: %w", method, err)
	}
	refused := &RefusedError{Method: method}
	err = eachField(status, func(n protowire.Number, v uint64, b []byte) {
		switch n {
		case 1:
			refused.Code = int(v)
		case 2:
			refused.Message = string(b)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: status of the shim's answer: %w", method, err)
	}
	if refused.Code != 0 {
		return nil, refused
	}
	return message, nil
}
