package shim

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSlowReader: a reader that takes nothing holds the command up for as long
// as patience, once, then it is told why it was dropped.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		r := newReader(ours, false)
		go r.run(nil)
		frame := appendFrame(nil, kindStdout, make([]byte, 32<<10))
		began := time.Now()
		for range 10 * maxWaiting / len(frame) {
			r.push(frame)
		}
		if got := time.Since(began); got != patience {
			t.Errorf("held up for %v, want %v", got, patience)
		}
		out := &Output{conn: theirs, frames: frameReader{r: theirs}}
		var err error
		n := 0
		for err == nil {
			var data []byte
			data, _, err = out.Next()
			n += len(data)
		}
		if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "dropped") {
			t.Errorf("got %v, want the reason", err)
		}
		if n > maxWaiting {
			t.Errorf("got %d bytes, want at most %d", n, maxWaiting)
		}
		<-r.gone
		ours.Close()
		theirs.Close()
	})
}

// TestSteadyReader takes little at a time and is never dropped, though it is
// slower than the command.
func TestSteadyReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		r := newReader(ours, false)
		go r.run(nil)
		const frames = 200
		go func() {
			for range frames {
				r.push(appendFrame(nil, kindStderr, make([]byte, 32<<10)))
			}
			r.end()
		}()
		out := &Output{conn: theirs, frames: frameReader{r: theirs}}
		for i := range frames {
			time.Sleep(patience - time.Second)
			if data, stderr, err := out.Next(); err != nil || len(data) != 32<<10 || !stderr {
				t.Fatalf("frame %d: got %d bytes, %v, %v", i, len(data), stderr, err)
			}
		}
		<-r.gone
		ours.Close()
		theirs.Close()
	})
}

// TestOwnerIsNotDropped: the reader of a session holds it up for as long as its
// connection lives.
func TestOwnerIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		r := newReader(ours, true)
		lost := make(chan struct{})
		go r.run(lost)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 100 {
				r.push(appendFrame(nil, kindStdout, make([]byte, 32<<10)))
			}
		}()
		time.Sleep(time.Hour)
		select {
		case <-done:
			t.Error("everything was taken, want the command held up")
		default:
		}
		theirs.Close()
		close(lost)
		<-done
		<-r.gone
		ours.Close()
	})
}

func TestStatus(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadStatus(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("before the end: got %v, want %v", err, os.ErrNotExist)
	}
	if err := writeStatus(dir, 1792); err != nil {
		t.Fatal(err)
	}
	if ws, err := ReadStatus(dir); err != nil || ws.ExitStatus() != 7 {
		t.Errorf("got %v, %v, want exit status 7", ws, err)
	}
	if err := os.WriteFile(dir+"/status", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadStatus(dir); err == nil {
		t.Error("garbage: got no error, want one")
	}
}

// FuzzFrames reads whatever comes: frames, and then an error.
func FuzzFrames(f *testing.F) {
	f.Add(appendFrame(appendFrame(nil, kindStdout, []byte("hello")), kindEnd, nil))
	f.Add([]byte{kindData, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{kindData, 0, 0, 0, 5, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := frameReader{r: bytes.NewReader(b)}
		var again []byte
		for {
			kind, payload, err := r.next()
			if err != nil {
				if errors.Is(err, io.EOF) && !bytes.Equal(again, b) { // a clean end
					t.Errorf("got %x, want %x", again, b)
				}
				break
			}
			again = appendFrame(again, kind, payload)
		}
		if !bytes.HasPrefix(b, again) {
			t.Errorf("got %x, which %x does not begin with", again, b)
		}
	})
}
