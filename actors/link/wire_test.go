package link

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func TestHello(t *testing.T) {
	want := hello{addr: "10.0.0.1:5050", inc: incarnation{program: [16]byte{1, 15: 2}, session: 1 << 40}}
	f := newFrameReader(iotest.OneByteReader(bytes.NewReader(appendHello(nil, want))))
	if err := f.magic(); err != nil {
		t.Fatal(err)
	}
	b, err := f.next(maxHello)
	if err != nil {
		t.Fatal(err)
	}
	// A field that a later version may add.
	b = protowire.AppendBytes(protowire.AppendTag(b[:len(b):len(b)], 5, protowire.BytesType), []byte("token"))
	got, err := decodeHello(b)
	if err != nil || got != want {
		t.Errorf("got %+v %v, want %+v", got, err, want)
	}
}

func TestHelloErrors(t *testing.T) {
	good := hello{addr: "10.0.0.1:5050", inc: incarnation{program: [16]byte{1}, session: 1}}
	encode := func(change func(*hello)) []byte {
		h := good
		change(&h)
		return appendHello(nil, h)[len(magic)+lengthSize:]
	}
	field := func(num protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), b)
	}
	version2 := protowire.AppendVarint(protowire.AppendTag(nil, helloVersion, protowire.VarintType), 2)
	full := encode(func(*hello) {})
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"empty":         {nil, "hello version"},
		"other version": {append(bytes.Clone(full), version2...), "hello version: peer speaks link version 2"},
		"no addr":       {encode(func(h *hello) { h.addr = "" }), "hello addr"},
		"no port":       {encode(func(h *hello) { h.addr = "10.0.0.1" }), "hello addr"},
		"long addr":     {encode(func(h *hello) { h.addr = strings.Repeat("x", 600) + ":1" }), "at most 512"},
		"no program":    {encode(func(h *hello) { h.inc.program = [16]byte{} }), "hello program: missing"},
		"short program": {append(bytes.Clone(full), field(helloProgram, []byte("short"))...), "hello program: 5 bytes"},
		"cut":           {full[:len(full)-1], "hello"},
	} {
		if _, err := decodeHello(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestFrame(t *testing.T) {
	d := newDecoder()
	var stream []byte
	var err error
	for i := range 3 {
		if stream, err = appendFrame(stream, "from", "to", wrapperspb.Int64(int64(i)), 1000); err != nil {
			t.Fatal(err)
		}
		stream = append(stream, ping...)
	}
	f := newFrameReader(iotest.HalfReader(bytes.NewReader(stream)))
	for i := range 3 {
		b, err := f.next(1000)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeFrame(b)
		if err != nil || string(got.to) != "to" || string(got.from) != "from" {
			t.Fatalf("got %q %q %v, want to and from", got.to, got.from, err)
		}
		m, err := d.message(got)
		if v, ok := m.(*wrapperspb.Int64Value); !ok || v.Value != int64(i) {
			t.Fatalf("got %v %v, want %d", m, err, i)
		}
		if b, err := f.next(1000); err != nil || len(b) != 0 {
			t.Fatalf("got %v %v, want a ping", b, err)
		}
	}
	if _, err := f.next(1000); !errors.Is(err, io.EOF) {
		t.Errorf("after the last frame: got %v, want EOF", err)
	}
}

func TestFrameLimits(t *testing.T) {
	before := []byte("before")
	b, err := appendFrame(before, "from", "to", wrapperspb.String(strings.Repeat("x", 100)), 99)
	if !errors.Is(err, errTooLong) || !bytes.Equal(b, before) {
		t.Errorf("got %q %v, want the buffer unchanged and %v", b, err, errTooLong)
	}
	for name, c := range map[string]struct {
		in   string
		want string
	}{
		"too long":        {"\x00\x00\x03\xe9", "at most 1000"},
		"enormous":        {"\xff\xff\xff\xff", "at most 1000"},
		"cut in length":   {"\x00\x00", "unexpected EOF"},
		"cut at length":   {"\x00\x00\x00\x05", "unexpected EOF"},
		"cut in contents": {"\x00\x00\x00\x05abc", "unexpected EOF"},
	} {
		if _, err := newFrameReader(strings.NewReader(c.in)).next(1000); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

// A peer that announces much and sends little must not cost memory.
func TestFrameReaderGrowsWithWhatArrives(t *testing.T) {
	in := io.MultiReader(strings.NewReader("\x04\x00\x00\x00"), io.LimitReader(zeros{}, 100_000))
	f := newFrameReader(in)
	if _, err := f.next(64 << 20); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want %v", err, io.ErrUnexpectedEOF)
	}
	if len(f.buf) > 256<<10 {
		t.Errorf("got a buffer of %d bytes for 100000 received", len(f.buf))
	}
}

// After a long frame the buffer shrinks again.
func TestFrameReaderShrinks(t *testing.T) {
	long := append([]byte{0, 0x10, 0, 0}, make([]byte, 1<<20)...)
	f := newFrameReader(io.MultiReader(bytes.NewReader(long), iotest.OneByteReader(strings.NewReader("\x00\x00\x00\x01x"))))
	for _, want := range []int{1 << 20, 1} {
		b, err := f.next(2 << 20)
		if err != nil || len(b) != want {
			t.Fatalf("got %d bytes %v, want %d", len(b), err, want)
		}
	}
	if len(f.buf) > maxReadBuffer {
		t.Errorf("got a buffer of %d bytes, want at most %d", len(f.buf), maxReadBuffer)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// FuzzFrame feeds a stream as a peer would: nothing in it may panic or read beyond it.
func FuzzFrame(f *testing.F) {
	good, _ := appendFrame(nil, "from", "to", wrapperspb.String("text"), 1000)
	f.Add(good)
	f.Add(append(bytes.Clone(ping), good...))
	f.Add(appendHello(nil, hello{addr: "h:1", inc: incarnation{program: [16]byte{1}}})[len(magic):])
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte{0, 0, 0, 2, 0x0b, 0x0c})
	f.Fuzz(func(t *testing.T, in []byte) {
		r := newFrameReader(iotest.HalfReader(bytes.NewReader(in)))
		d := newDecoder()
		read := 0
		for {
			b, err := r.next(1 << 20)
			if err != nil {
				break
			}
			read += lengthSize + len(b)
			if h, err := decodeHello(b); err == nil && checkAddr(h.addr) != nil {
				t.Errorf("hello with address %q passed", h.addr)
			}
			fr, err := decodeFrame(b)
			if err != nil {
				continue
			}
			if m, err := d.message(fr); err == nil {
				if _, err := appendFrame(nil, d.name(fr.from), d.name(fr.to), m, 2<<20); err != nil {
					t.Errorf("message came in but does not go out: %v", err)
				}
			}
		}
		if read > len(in) {
			t.Errorf("read %d bytes of %d", read, len(in))
		}
	})
}

func TestUPID(t *testing.T) {
	for _, s := range []string{"master@10.0.0.1:5050", "slave(1)@host.example:5051", "a@[::1]:1"} {
		u, err := ParseUPID(s)
		if err != nil || u.String() != s {
			t.Errorf("parse %q: got %q %v", s, u, err)
		}
	}
	for in, want := range map[string]string{
		"":                "no '@'",
		"master":          "no '@'",
		"@10.0.0.1:5050":  "empty id",
		"master@10.0.0.1": "want host:port",
		"master@:5050":    "host and port",
		"master@h:0":      "host and port",
		"master@h:":       "host and port",
	} {
		if _, err := ParseUPID(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parse %q: got %v, want an error with %q", in, err, want)
		}
	}
	if s := (UPID{}).String(); s != "" {
		t.Errorf("zero UPID: got %q, want empty", s)
	}
}
