package shimv2

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// call is a request as a shim sees it.
type call struct {
	id              uint32
	service, method string
	message         []byte
}

// serve answers calls on one end of a connection, the other of which it returns.
func serve(t *testing.T, answer func(c call, reply func(response []byte))) *wire {
	t.Helper()
	ours, theirs := net.Pipe()
	var busy sync.WaitGroup
	var writing sync.Mutex
	busy.Go(func() {
		defer theirs.Close()
		for {
			c, err := readCall(theirs)
			if err != nil {
				return
			}
			answer(c, func(response []byte) {
				busy.Go(func() {
					frame := binary.BigEndian.AppendUint32(nil, uint32(len(response)))
					frame = append(binary.BigEndian.AppendUint32(frame, c.id), isResponse, 0)
					writing.Lock()
					defer writing.Unlock()
					_, _ = theirs.Write(append(frame, response...)) // who asked may be gone
				})
			})
		}
	})
	w := newWire(ours)
	t.Cleanup(func() {
		w.Close()
		busy.Wait()
	})
	return w
}

func readCall(r io.Reader) (c call, err error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return c, err
	}
	if header[8] != isRequest {
		return c, fmt.Errorf("kind %d of a frame", header[8])
	}
	message := make([]byte, binary.BigEndian.Uint32(header[:]))
	if _, err := io.ReadFull(r, message); err != nil {
		return c, err
	}
	c.id = binary.BigEndian.Uint32(header[4:])
	return c, eachField(message, func(n protowire.Number, _ uint64, b []byte) {
		switch n {
		case 1:
			c.service = string(b)
		case 2:
			c.method = string(b)
		case 3:
			c.message = b
		}
	})
}

func response(message []byte) []byte { return appendBytes(nil, 2, message) }

// Many calls are under way at a time, and each gets its own answer, whatever their
// order: here the first is answered last.
func TestCallsAtATime(t *testing.T) {
	const many = 50
	var held []func()
	w := serve(t, func(c call, reply func([]byte)) {
		held = append(held, func() { reply(response(c.message)) })
		if len(held) == many {
			for i := range held {
				held[many-1-i]()
			}
		}
	})
	var calls sync.WaitGroup
	for i := range many {
		calls.Go(func() {
			want := fmt.Sprint("call ", i)
			got, err := w.call(t.Context(), "s", "m", []byte(want))
			if err != nil || string(got) != want {
				t.Errorf("answer: got %q, %v, want %q", got, err, want)
			}
		})
	}
	calls.Wait()
}

func TestRefused(t *testing.T) {
	w := serve(t, func(_ call, reply func([]byte)) {
		reply(appendBytes(nil, 1, appendString(appendNumber(nil, 1, 5), 2, "no such container")))
	})
	_, err := w.call(t.Context(), "s", "Start", nil)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Code != 5 || err.Error() != "Start: no such container" {
		t.Errorf("got %v, want a RefusedError with code 5 and the shim's words", err)
	}
}

// A call that waits when the shim dies says so, and so does every later one.
func TestGone(t *testing.T) {
	ours, theirs := net.Pipe()
	w := newWire(ours)
	waits := make(chan error)
	go func() {
		_, err := w.call(t.Context(), "s", "Wait", nil)
		waits <- err
	}()
	if c, err := readCall(theirs); err != nil || c.method != "Wait" {
		t.Fatalf("call: got %+v, %v, want Wait", c, err)
	}
	theirs.Close()
	if err := <-waits; !errors.Is(err, ErrGone) {
		t.Errorf("call under way: got %v, want ErrGone", err)
	}
	if _, err := w.call(t.Context(), "s", "Kill", nil); !errors.Is(err, ErrGone) {
		t.Errorf("later call: got %v, want ErrGone", err)
	}
	w.Close()
}

func TestNoAnswer(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	late := errors.New("too late")
	w := serve(t, func(call, func([]byte)) { end(late) })
	if _, err := w.call(ctx, "s", "Create", nil); !errors.Is(err, late) {
		t.Errorf("got %v, want the context's cause", err)
	}
}

// An answer that cannot be one ends the connection instead of this program's memory.
func TestTooLong(t *testing.T) {
	ours, theirs := net.Pipe()
	w := newWire(ours)
	go func() {
		_, _ = readCall(theirs)
		_, _ = theirs.Write([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, isResponse, 0})
	}()
	if _, err := w.call(t.Context(), "s", "State", nil); !errors.Is(err, ErrGone) {
		t.Errorf("got %v, want ErrGone", err)
	}
	w.Close()
	theirs.Close()
}

// What goes over the wire, byte by byte: the numbers of the fields are containerd's.
func TestRequests(t *testing.T) {
	o := &Order{Dir: "/b", TTY: true, Options: Runc("/r", "/bin/crun")}
	for _, r := range []struct {
		call    func(c *client) error
		method  string
		message string
	}{
		{func(c *client) error { return c.create(t.Context(), o, paths{"/i", "/o", ""}) }, "Create",
			"0a0163" + "12022f62" + "2001" + "2a022f69" + "32022f6f" + "522d" + "0a1a" + hex.EncodeToString([]byte("containerd.runc.v1.Options")) + "120f" + "3209" + hex.EncodeToString([]byte("/bin/crun")) + "3a022f72"},
		{func(c *client) error { return c.start(t.Context()) }, "Start", "0a0163" + "120165"},
		{func(c *client) error { return c.kill(t.Context(), syscall.SIGTERM, true) }, "Kill", "0a0163" + "120165" + "180f" + "2001"},
		{func(c *client) error { return c.resize(t.Context(), 24, 80) }, "ResizePty", "0a0163" + "120165" + "1850" + "2018"},
		{func(c *client) error { return c.closeInput(t.Context()) }, "CloseIO", "0a0163" + "120165" + "1801"},
		{func(c *client) error { return c.delete(t.Context()) }, "Delete", "0a0163" + "120165"},
		{func(c *client) error {
			return c.execute(t.Context(), &Session{Process: []byte("{}")}, paths{"/i", "/o", "/e"})
		}, "Exec", "0a0163" + "120165" + "22022f69" + "2a022f6f" + "32022f65" + "3a3f" + "0a39" + hex.EncodeToString([]byte(processKind)) + "12027b7d"},
	} {
		var got call
		w := serve(t, func(c call, reply func([]byte)) {
			got = c
			reply(response(nil))
		})
		if err := r.call(&client{wire: w, service: "containerd.task.v2.Task", id: "c", exec: "e"}); err != nil {
			t.Fatal(err)
		}
		if text := hex.EncodeToString(got.message); got.service != "containerd.task.v2.Task" || got.method != r.method || text != r.message {
			t.Errorf("%s: got %s.%s %s, want %s", r.method, got.service, got.method, text, r.message)
		}
	}
}

func TestWait(t *testing.T) {
	w := serve(t, func(_ call, reply func([]byte)) {
		reply(response(appendBytes(appendNumber(nil, 1, 137), 2, appendNumber(nil, 1, 1700000000))))
	})
	if status, err := (&client{wire: w}).wait(t.Context()); status != 137 || err != nil {
		t.Errorf("got %d, %v, want 137", status, err)
	}
}

func FuzzOpened(f *testing.F) {
	f.Add([]byte{})
	f.Add(response([]byte("message")))
	f.Add(appendBytes(nil, 1, appendString(appendNumber(nil, 1, 5), 2, "no")))
	f.Add([]byte{0x0a, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		message, err := opened("Wait", b)
		if len(message) > len(b) || err != nil && message != nil {
			t.Errorf("got %q, %v of %q", message, err, b)
		}
	})
}
