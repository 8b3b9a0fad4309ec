package engine

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
)

// Stream is the standard streams of a container, or of what is executed in one.
// The zero Stream has ended.
type Stream struct {
	conn net.Conn
	r    *bufio.Reader
	raw  bool // of a terminal: nothing tells output from errors
}

// Attach gives the streams of a container from now on. tty must be what the
// container was created with.
func (c *Client) Attach(ctx context.Context, id string, stdin, tty bool) (*Stream, error) {
	query := url.Values{"stream": {"1"}, "stdout": {"1"}, "stderr": {"1"}}
	if stdin {
		query.Set("stdin", "1")
	}
	return c.hijack(ctx, "/containers/"+id+"/attach", query, nil, tty)
}

// hijack makes a call whose connection becomes a Stream.
func (c *Client) hijack(ctx context.Context, path string, query url.Values, body any, tty bool) (*Stream, error) {
	req, err := c.request(ctx, http.MethodPost, path, query, body)
	if err != nil {
		return nil, err
	}
	conn, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "tcp")
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	r := bufio.NewReader(conn)
	err = req.Write(conn)
	var res *http.Response
	if err == nil {
		res, err = http.ReadResponse(r, req) //nolint:bodyclose // the connection is the body
	}
	switch {
	case err == nil && res.StatusCode >= http.StatusBadRequest:
		err = refused(res)
	case err == nil && !stop():
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Stream{conn: conn, r: r, raw: tty}, nil
}

// Copy writes all that comes until the stream ends, which is no error.
func (s *Stream) Copy(stdout, stderr io.Writer) error {
	if s.conn == nil {
		return nil
	}
	if s.raw {
		_, err := io.Copy(stdout, s.r)
		return ended(err)
	}
	for {
		// Each piece has 8 bytes before it: the stream, three zeros, its length.
		var head [8]byte
		if _, err := io.ReadFull(s.r, head[:]); err != nil {
			return ended(err)
		}
		to := stdout
		if head[0] == 2 {
			to = stderr
		}
		n := int64(binary.BigEndian.Uint32(head[4:]))
		if _, err := io.CopyN(to, s.r, n); err != nil {
			return ended(err)
		}
	}
}

func ended(err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return fmt.Errorf("output from the Docker engine: %w", err)
}

// Write is input.
func (s *Stream) Write(p []byte) (int, error) { return s.conn.Write(p) }

// CloseWrite is the end of input.
func (s *Stream) CloseWrite() error {
	if half, can := s.conn.(interface{ CloseWrite() error }); can {
		return half.CloseWrite()
	}
	return nil
}

// Close ends the stream, not the container.
func (s *Stream) Close() {
	if s.conn != nil {
		s.conn.Close()
	}
}

// Exec is a command to run in a container that runs.
type Exec struct {
	Cmd          []string
	Env          []string `json:",omitempty"`
	User         string   `json:",omitempty"`
	WorkingDir   string   `json:",omitempty"`
	Tty          bool     `json:",omitempty"`
	Privileged   bool     `json:",omitempty"`
	AttachStdin  bool     `json:",omitempty"`
	AttachStdout bool
	AttachStderr bool
}

// Executed is how a command in a container is doing.
type Executed struct {
	Running  bool
	ExitCode int
	Pid      int // on the engine's machine
}

// NewExec makes a command, which does not run yet, and gives its id.
func (c *Client) NewExec(ctx context.Context, container string, e Exec) (id string, err error) {
	var made struct {
		ID string `json:"Id"`
	}
	err = c.do(ctx, http.MethodPost, "/containers/"+container+"/exec", nil, e, &made)
	return made.ID, err
}

// StartExec runs a command that was made, and gives its streams.
func (c *Client) StartExec(ctx context.Context, id string, tty bool) (*Stream, error) {
	return c.hijack(ctx, "/exec/"+id+"/start", nil, struct{ Detach, Tty bool }{false, tty}, tty)
}

// InspectExec tells how a command is doing.
func (c *Client) InspectExec(ctx context.Context, id string) (e Executed, err error) {
	err = c.do(ctx, http.MethodGet, "/exec/"+id+"/json", nil, nil, &e)
	return e, err
}

// Resize gives a terminal another size: of a container, or of a command.
func (c *Client) Resize(ctx context.Context, id string, exec bool, rows, columns int) error {
	path := "/containers/" + id + "/resize"
	if exec {
		path = "/exec/" + id + "/resize"
	}
	return c.do(ctx, http.MethodPost, path, url.Values{"h": {strconv.Itoa(rows)}, "w": {strconv.Itoa(columns)}}, nil, nil)
}
