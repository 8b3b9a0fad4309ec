package shim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// ErrRefused is wrapped by what a shim itself answered.
var ErrRefused = errors.New("refused")

// answerTime bounds how long a shim may take to take a connection.
const answerTime = 30 * time.Second

// dial opens a connection for one purpose. The socket's own path may be too
// long for an address, so the way to it leads through a descriptor.
func dial(dir string, kind byte, payload []byte) (net.Conn, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("runtime directory: %w", err)
	}
	defer d.Close()
	way := filepath.Join("/proc/self/fd", strconv.Itoa(int(d.Fd())), socketName)
	conn, err := net.DialTimeout("unix", way, answerTime)
	if err != nil {
		return nil, fmt.Errorf("socket of the container's shim: %w", err)
	}
	if err := greet(conn, kind, payload); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func greet(conn net.Conn, kind byte, payload []byte) error {
	_ = conn.SetDeadline(time.Now().Add(answerTime))
	if err := writeFrame(conn, kind, payload); err != nil {
		return fmt.Errorf("request to the container's shim: %w", err)
	}
	var header [headerSize]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return fmt.Errorf("answer of the container's shim: %w", err)
	}
	text := make([]byte, min(binary.BigEndian.Uint32(header[1:]), maxPayload))
	if _, err := io.ReadFull(conn, text); err != nil {
		return fmt.Errorf("answer of the container's shim: %w", err)
	}
	if header[0] != kindAccepted {
		return fmt.Errorf("%w: %s", ErrRefused, text)
	}
	return conn.SetDeadline(time.Time{})
}

// Signal sends a signal to the command of the container with this runtime
// directory.
func Signal(dir string, s syscall.Signal) error {
	conn, err := dial(dir, kindSignal, []byte{byte(s)})
	if err != nil {
		return err
	}
	return conn.Close()
}

// Output is an attached reader of a container. Close it; closing the first
// one of a session ends the session.
type Output struct {
	conn   net.Conn
	frames frameReader
}

// AttachOutput attaches a reader to a container.
func AttachOutput(dir string) (*Output, error) {
	conn, err := dial(dir, kindOutput, nil)
	if err != nil {
		return nil, err
	}
	return &Output{conn: conn, frames: frameReader{r: conn}}, nil
}

// Next waits for output. The data is valid until the next call. At the end of
// all output it returns io.EOF.
func (o *Output) Next() (data []byte, stderr bool, err error) {
	kind, payload, err := o.frames.next()
	switch {
	case err != nil:
		return nil, false, err
	case kind == kindDropped:
		return nil, false, fmt.Errorf("%w: %s", ErrRefused, payload)
	}
	return payload, kind == kindStderr, nil
}

// Close lets go of the container.
func (o *Output) Close() { o.conn.Close() }

// Input is the attached writer of a container. Close it; the container's input
// stays open.
type Input struct{ conn net.Conn }

// AttachInput attaches the writer to a container; there is at most one.
func AttachInput(dir string) (*Input, error) {
	conn, err := dial(dir, kindInput, nil)
	if err != nil {
		return nil, err
	}
	return &Input{conn}, nil
}

// Write sends data to the command. It waits while the command does not read.
func (in *Input) Write(data []byte) (n int, err error) {
	for n < len(data) {
		piece := data[n:min(len(data), n+maxPayload)]
		if err := writeFrame(in.conn, kindData, piece); err != nil {
			return n, err
		}
		n += len(piece)
	}
	return n, nil
}

// End ends the input of a command that has no terminal.
func (in *Input) End() error { return writeFrame(in.conn, kindEnd, nil) }

// Resize sets the size of the command's terminal, if it has one.
func (in *Input) Resize(rows, columns uint16) error {
	return writeFrame(in.conn, kindWindow, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, rows), columns))
}

// Ended is closed when the shim has let go of the writer: the command has
// closed its input, or ended. The goroutine that watches ends with Close.
func (in *Input) Ended() <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var b [1]byte
		_, _ = in.conn.Read(b[:]) // a shim says nothing here: this is the end
	}()
	return ended
}

// Close lets go of the container.
func (in *Input) Close() { in.conn.Close() }
