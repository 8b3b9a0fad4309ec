package recordio_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"mesos/messages/recordio"
)

func TestAppend(t *testing.T) {
	got := recordio.Append([]byte("x"), []byte(`{"type":"HEARTBEAT"}`))
	got = recordio.Append(got, nil)
	if want := "x20\n{\"type\":\"HEARTBEAT\"}0\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// counter remembers every Write apart.
type counter struct{ writes []string }

func (c *counter) Write(p []byte) (int, error) {
	c.writes = append(c.writes, string(p))
	return len(p), nil
}

func TestWriterWritesOncePerRecord(t *testing.T) {
	var c counter
	w := recordio.NewWriter(&c)
	big := strings.Repeat("b", 100_000)
	for _, r := range []string{"first", "", big, "last"} {
		if err := w.Write([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"5\nfirst", "0\n", "100000\n" + big, "4\nlast"}; !slices.Equal(c.writes, want) {
		t.Errorf("got %d writes %.60q, want %.60q", len(c.writes), c.writes, want)
	}
}

type short struct{}

func (short) Write(p []byte) (int, error) { return len(p) - 1, nil }

func TestWriterErrors(t *testing.T) {
	if err := recordio.NewWriter(short{}).Write([]byte("x")); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("short write: got %v, want %v", err, io.ErrShortWrite)
	}
	r, w := io.Pipe()
	boom := errors.New("boom")
	if err := r.CloseWithError(boom); err != nil {
		t.Fatal(err)
	}
	if err := recordio.NewWriter(w).Write([]byte("x")); !errors.Is(err, boom) {
		t.Errorf("failing stream: got %v, want %v", err, boom)
	}
}

func TestReader(t *testing.T) {
	boom := errors.New("boom")
	big := strings.Repeat("b", 200_000)
	tests := []struct {
		name   string
		stream string
		max    int
		want   []string
		err    error
	}{
		{"nothing", "", 10, nil, io.EOF},
		{"records", "5\nfirst0\n4\nlast", 10, []string{"first", "", "last"}, io.EOF},
		{"line feeds inside", "3\n\n\n\n1\n7", 10, []string{"\n\n\n", "7"}, io.EOF},
		{"larger than the first allocation", "200000\n" + big + "1\nx", 200_000, []string{big, "x"}, io.EOF},
		{"exactly the bound", "3\nabc", 3, []string{"abc"}, io.EOF},
		{"above the bound", "1\na4\nabcd", 3, []string{"a"}, recordio.ErrTooLong},
		{"far above the bound", "99999999999999999999\n", 3, nil, recordio.ErrTooLong},
		{"leading zeros", "0003\nabc", 3, []string{"abc"}, io.EOF},
		{"torn payload", "5\nabc", 10, nil, io.ErrUnexpectedEOF},
		{"torn before the payload", "5\n", 10, nil, io.ErrUnexpectedEOF},
		{"torn after a large part", "200000\n" + big[:65536], 200_000, nil, io.ErrUnexpectedEOF},
		{"torn length", "1\na5", 10, []string{"a"}, io.ErrUnexpectedEOF},
		{"garbage", "x\n", 10, nil, recordio.ErrLength},
		{"garbage after a record", "1\na\n1\nb", 10, []string{"a"}, recordio.ErrLength},
		{"empty line", "\n1\na", 10, nil, recordio.ErrLength},
		{"sign", "-1\na", 10, nil, recordio.ErrLength},
		{"plus", "+1\na", 10, nil, recordio.ErrLength},
		{"hexadecimal", "0x1\na", 10, nil, recordio.ErrLength},
		{"space", "1 \na", 10, nil, recordio.ErrLength},
		{"carriage return", "1\r\na", 10, nil, recordio.ErrLength},
		{"endless length", strings.Repeat("0", 1000), 10, nil, recordio.ErrLength},
		{"no bound at all", "1\na", 0, nil, recordio.ErrTooLong},
	}
	for _, tt := range tests {
		for how, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "error with data": iotest.DataErrReader,
		} {
			t.Run(tt.name+"/"+how, func(t *testing.T) {
				checkRead(t, recordio.NewReader(wrap(strings.NewReader(tt.stream)), tt.max), tt.want, tt.err)
			})
		}
	}
	t.Run("failing stream", func(t *testing.T) {
		stream := io.MultiReader(strings.NewReader("1\na5\nab"), iotest.ErrReader(boom))
		checkRead(t, recordio.NewReader(stream, 10), []string{"a"}, boom)
	})
}

// checkRead reads to the end and wants these records, then this error for ever.
func checkRead(t *testing.T, r *recordio.Reader, want []string, wantErr error) {
	t.Helper()
	for _, w := range want {
		got, err := r.Read()
		if err != nil || got == nil || string(got) != w {
			t.Fatalf("got %.40q, %v, want %.40q", got, err, w)
		}
	}
	for range 2 {
		if got, err := r.Read(); !errors.Is(err, wantErr) || got != nil {
			t.Errorf("at the end: got %.40q, %v, want %v", got, err, wantErr)
		}
	}
}

// TestReaderKeepsRecords: a record stays what it was while later ones are read.
func TestReaderKeepsRecords(t *testing.T) {
	r := recordio.NewReader(strings.NewReader("1\na1\nb"), 1)
	first, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(); err != nil || string(first) != "a" {
		t.Errorf("got %q, %v, want a", first, err)
	}
}

// TestReaderMemory: a length that is not followed by its bytes costs little.
func TestReaderMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := recordio.NewReader(strings.NewReader("1000000000\nabc"), 1<<30)
	if _, err := r.Read(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v, want %v", err, io.ErrUnexpectedEOF)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
		t.Errorf("got %d bytes allocated for 3 that came, want at most 1 MiB", got)
	}
}

// FuzzReader: no stream makes it panic or return more than the bound, and what
// it returned, written again, is what it read.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"", "0\n", "5\nfirst0\n4\nlast", "00\n", "7\nabc", "x", "1\na\n", "18446744073709551617\na"} {
		f.Add([]byte(s), 8)
	}
	f.Fuzz(func(t *testing.T, stream []byte, max int) {
		r := recordio.NewReader(bytes.NewReader(stream), max)
		var written []byte
		for {
			record, err := r.Read()
			if err != nil {
				if errors.Is(err, io.EOF) && !bytes.Equal(written, stream) && !bytes.Contains(stream, []byte("0")) {
					t.Errorf("got %q, want all of %q", written, stream)
				}
				return
			}
			if len(record) > max {
				t.Fatalf("got a record of %d bytes, want at most %d", len(record), max)
			}
			written = recordio.Append(written, record)
		}
	})
}

// FuzzRoundTrip: what is written is read.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("a"), []byte(""))
	f.Add([]byte("\n1\n"), []byte("5"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		stream := recordio.Append(recordio.Append(nil, a), b)
		checkRead(t, recordio.NewReader(bytes.NewReader(stream), len(a)+len(b)), []string{string(a), string(b)}, io.EOF)
	})
}

func BenchmarkWriter(b *testing.B) {
	w := recordio.NewWriter(io.Discard)
	record := make([]byte, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(record); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	stream := recordio.Append(nil, make([]byte, 1000))
	b.ReportAllocs()
	b.SetBytes(1000)
	r := recordio.NewReader(repeat(stream), 1000)
	for b.Loop() {
		if _, err := r.Read(); err != nil {
			b.Fatal(err)
		}
	}
}

// repeat is a stream that holds the same bytes for ever.
type repeat []byte

func (r repeat) Read(p []byte) (int, error) {
	n := 0
	for n+len(r) <= len(p) {
		n += copy(p[n:], r)
	}
	return n, nil
}
