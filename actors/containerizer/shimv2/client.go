package shimv2

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"google.golang.org/protobuf/encoding/protowire"
)

// client makes the calls about one container, or about something executed in it.
type client struct {
	*wire
	service  string
	id, exec string // exec is "" for the container itself
}

// dial connects to a shim.
func dial(ctx context.Context, a address, id, exec string) (*client, error) {
	path, is := strings.CutPrefix(a.Address, "unix://")
	if !is || a.Version < 2 || a.Version > 3 || a.Protocol != "ttrpc" {
		return nil, fmt.Errorf("address of the shim: got %+v, want unix://PATH with ttrpc in version 2 or 3", a)
	}
	ctx, end := context.WithTimeout(ctx, answerTime)
	defer end()
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("connection to the shim: %w", err)
	}
	return &client{wire: newWire(c), service: fmt.Sprintf("containerd.task.v%d.Task", a.Version), id: id, exec: exec}, nil
}

// about begins most requests: the container, and what is executed in it.
func (c *client) about() []byte { return appendString(appendString(nil, 1, c.id), 2, c.exec) }

// brief makes a call that takes no time.
func (c *client) brief(ctx context.Context, method string, message []byte) error {
	ctx, end := context.WithTimeout(ctx, answerTime)
	defer end()
	_, err := c.call(ctx, c.service, method, message)
	return err
}

// paths of named pipes; "" where there is none.
type paths struct{ in, out, err string }

func (p paths) append(b []byte, n protowire.Number) []byte {
	return appendString(appendString(appendString(b, n, p.in), n+1, p.out), n+2, p.err)
}

// create has a container made, which waits to be started.
func (c *client) create(ctx context.Context, o *Order, p paths) error {
	b := appendString(appendString(nil, 1, c.id), 2, o.Dir)
	b = p.append(appendBool(b, 4, o.TTY), 5)
	b = appendAny(b, 10, o.Options.Kind, o.Options.Value)
	_, err := c.call(ctx, c.service, "Create", b)
	return err
}

// processKind is what an OCI process is called, as JSON.
const processKind = "types.containerd.io/opencontainers/runtime-spec/1/Process"

// execute has something made that is executed, which waits to be started.
func (c *client) execute(ctx context.Context, s *Session, p paths) error {
	b := p.append(appendBool(c.about(), 3, s.TTY), 4)
	return c.brief(ctx, "Exec", appendAny(b, 7, processKind, s.Process))
}

func (c *client) start(ctx context.Context) error {
	_, err := c.call(ctx, c.service, "Start", c.about())
	return err
}

// wait returns the exit status when it has ended.
func (c *client) wait(ctx context.Context) (status int, err error) {
	answer, err := c.call(ctx, c.service, "Wait", c.about())
	if err != nil {
		return 0, err
	}
	err = eachField(answer, func(n protowire.Number, v uint64, _ []byte) {
		if n == 1 {
			status = int(uint32(v))
		}
	})
	return status, err
}

func (c *client) kill(ctx context.Context, s syscall.Signal, all bool) error {
	return c.brief(ctx, "Kill", appendBool(appendNumber(c.about(), 3, uint64(s)), 4, all))
}

func (c *client) resize(ctx context.Context, rows, columns int) error {
	return c.brief(ctx, "ResizePty", appendNumber(appendNumber(c.about(), 3, uint64(columns)), 4, uint64(rows)))
}

func (c *client) closeInput(ctx context.Context) error {
	return c.brief(ctx, "CloseIO", appendBool(c.about(), 3, true))
}

func (c *client) delete(ctx context.Context) error { return c.brief(ctx, "Delete", c.about()) }

// shutdown has a shim end that has no container any more. It may not live to say so.
func (c *client) shutdown(ctx context.Context) error {
	err := c.brief(ctx, "Shutdown", appendString(nil, 1, c.id))
	if errors.Is(err, ErrGone) {
		err = nil
	}
	if err != nil {
		return err
	}
	ctx, end := context.WithTimeout(ctx, answerTime)
	defer end()
	select {
	case <-c.gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the shim was told to end: %w", ctx.Err())
	}
}
