package logrotate

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// whole reads a log with all its older files, and gives the sizes, newest first.
func whole(t *testing.T, path string) (text string, sizes []int) {
	t.Helper()
	for n := 0; n <= MaxKeep; n++ {
		name := path
		if n > 0 {
			name = fmt.Sprintf("%s.%d", path, n)
		}
		b, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			if b, err = os.ReadFile(name + ".gz"); err == nil {
				b = unpacked(t, b)
			}
		}
		if err != nil {
			break
		}
		text = string(b) + text
		sizes = append(sizes, len(b))
	}
	return text, sizes
}

func unpacked(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err == nil {
		b, err = io.ReadAll(z)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNothingIsLost writes lines in pieces of any size: what is kept is the end
// of what was written, in files of whole lines that are not too large.
func TestNothingIsLost(t *testing.T) {
	for _, l := range []Limits{{MinMax, 2, false}, {MinMax, 500, false}, {MinMax, 500, true}, {MinMax, 3, true}, {MinMax, 0, false}, {1 << 20, 1, false}} {
		t.Run(l.String(), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stdout")
			r := rand.New(rand.NewPCG(1, uint64(l.Keep)))
			var all strings.Builder
			for i := range 3000 {
				fmt.Fprintf(&all, "line %d %s\n", i, strings.Repeat("x", r.IntN(100)))
			}
			f := Open(path, l)
			for text := all.String(); text != ""; {
				if r.IntN(200) == 0 {
					f.Close() // another logger goes on
					f = Open(path, l)
				}
				n := min(len(text), 1+r.IntN(3000))
				f.Write([]byte(text[:n]))
				text = text[n:]
			}
			f.Close()
			got, sizes := whole(t, path)
			if l.Keep == 500 && got != all.String() || !strings.HasSuffix(all.String(), got) {
				t.Errorf("got %d bytes that are not all, or not the end, of the %d written", len(got), all.Len())
			}
			if len(sizes) > l.Keep+1 {
				t.Errorf("got %d files, want at most %d", len(sizes), l.Keep+1)
			}
			for n, size := range sizes {
				if int64(size) > l.Max || n > 0 && int64(size) < l.Max-4096 {
					t.Errorf("file %d: got %d bytes, want nearly %d", n, size, l.Max)
				}
			}
			packed, _ := filepath.Glob(path + ".*.gz")
			plain, _ := filepath.Glob(path + ".?")
			if l.Compress && (len(packed) != l.Keep-1 && l.Keep == 3 || len(plain) != 1 || filepath.Base(plain[0]) != "stdout.1") {
				t.Errorf("got %q packed and %q plain, want all but the first packed", packed, plain)
			}
			left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
			if rest, _ := filepath.Glob(path + ".new"); len(rest)+len(left) > 0 {
				t.Errorf("got %q, %q left", rest, left)
			}
		})
	}
}

func TestLongLineIsCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stdout")
	f := Open(path, Limits{MinMax, 9, false})
	text := "short\n" + strings.Repeat("y", 2*MinMax+100) + "\nend\n"
	f.Write([]byte(text))
	f.Close()
	got, sizes := whole(t, path)
	if got != text || len(sizes) != 4 {
		t.Errorf("got %d bytes in files of %v, want %d in 4", len(got), sizes, len(text))
	}
}

// There is a file of the log's name at every moment.
func TestReadersAlwaysFindTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stdout")
	f := Open(path, Limits{MinMax, 1, false})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	looked := 0
	started := make(chan struct{})
	wg.Go(func() {
		for {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("after %d looks: %v", looked, err)
				return
			}
			if looked++; looked == 1 {
				close(started)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	<-started
	for range 200 {
		f.Write(bytes.Repeat([]byte("x"), MinMax-1))
	}
	f.Close()
	close(stop)
	wg.Wait()
}

func TestLinkInPlaceOfTheFile(t *testing.T) {
	dir := t.TempDir()
	secret, path := filepath.Join(dir, "secret"), filepath.Join(dir, "stdout")
	os.WriteFile(secret, []byte("secret"), 0o644)
	if err := os.Symlink(secret, path); err != nil {
		t.Fatal(err)
	}
	f := Open(path, Limits{MinMax, 1, false})
	f.Write([]byte("text\n"))
	f.Close()
	if got, _ := os.ReadFile(secret); string(got) != "secret" {
		t.Errorf("got %q written through the link", got)
	}
}

// A full disk costs output, not the task: writing goes on, and the place where
// something is missing is named when there is room again.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	ballast := filepath.Join(dir, "ballast")
	f := Open(filepath.Join(dir, "stdout"), Limits{8192, 1, false})
	f.Write([]byte("first\n"))
	big, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(big, strings.NewReader(strings.Repeat("b", 1<<20))); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v, want a full disk", err)
	}
	big.Close()
	for i := range 1000 {
		f.Write([]byte(fmt.Sprintf("during %d %s\n", i, strings.Repeat("x", 50))))
	}
	os.Remove(ballast)
	f.Write([]byte("last\n"))
	f.Close()
	got, sizes := whole(t, filepath.Join(dir, "stdout"))
	if !strings.HasSuffix(got, "last\n") || !strings.Contains(got, "bytes are missing here") {
		t.Errorf("got %.300q in files of %v, want the loss told and the last line", got, sizes)
	}
}

func TestCopy(t *testing.T) {
	dir := t.TempDir()
	var streams []Stream
	for _, name := range []string{"stdout", "stderr"} {
		streams = append(streams, Stream{io.LimitReader(forever(name[3]), 100_000), filepath.Join(dir, name), Limits{MinMax, 100, false}})
	}
	Copy(streams...)
	for _, name := range []string{"stdout", "stderr"} {
		if got, _ := whole(t, filepath.Join(dir, name)); got != strings.Repeat(name[3:4], 100_000) {
			t.Errorf("%s: got %d bytes, want 100000", name, len(got))
		}
	}
}

type forever byte

func (f forever) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(f)
	}
	return len(b), nil
}

func TestLimits(t *testing.T) {
	tests := []struct {
		size, options string
		want          Limits
		word          string // of the error
	}{
		{"10MB", "", Limits{10 << 20, 1, false}, ""},
		{"4KB", "rotate 9\ncompress", Limits{4096, 9, true}, ""},
		{"1GB", " rotate 0 ; nocompress;missingok\nnotifempty\n\ndelaycompress;copytruncate", Limits{1 << 30, 0, false}, ""},
		{"1KB", "", Limits{}, "4096"},
		{"many", "", Limits{}, "many"},
		{"4KB", "rotate -1", Limits{}, "rotate -1"},
		{"4KB", "rotate 1000", Limits{}, "999"},
		{"4KB", "rotate", Limits{}, "rotate"},
		{"4KB", "postrotate", Limits{}, "postrotate"},
	}
	for _, tt := range tests {
		got, err := Default.WithSize(tt.size)
		if err == nil {
			got, err = got.WithOptions(tt.options)
		}
		if tt.word != "" {
			if !errors.Is(err, ErrLimits) || !strings.Contains(err.Error(), tt.word) {
				t.Errorf("%q %q: got %v, want ErrLimits that says %q", tt.size, tt.options, err, tt.word)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%q %q: got %v, %v, want %v", tt.size, tt.options, got, err, tt.want)
		}
		if again, err := Parse(got.String()); err != nil || again != got {
			t.Errorf("%v: got %v, %v back", got, again, err)
		}
	}
}

func TestOverride(t *testing.T) {
	out, err, failed := Override(Default, Default, []string{
		"PATH=/bin", "CONTAINER_LOGGER_MAX_STDOUT_SIZE=4KB", "CONTAINER_LOGGER_LOGROTATE_STDERR_OPTIONS=rotate 3\ncompress", "CONTAINER_LOGGER_OTHER=x",
	})
	if want := (Limits{4096, 1, false}); out != want || failed != nil {
		t.Errorf("stdout: got %v, %v, want %v", out, failed, want)
	}
	if want := (Limits{10 << 20, 3, true}); err != want {
		t.Errorf("stderr: got %v, want %v", err, want)
	}
	for _, name := range []string{"MAX_STDOUT_SIZE", "MAX_STDERR_SIZE", "LOGROTATE_STDOUT_OPTIONS", "LOGROTATE_STDERR_OPTIONS"} {
		if _, _, err := Override(Default, Default, []string{EnvPrefix + name + "=bad"}); !errors.Is(err, ErrLimits) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want ErrLimits that names the variable", name, err)
		}
	}
}

func FuzzLimits(f *testing.F) {
	f.Add("rotate 9\ncompress", "4096,1,true")
	f.Fuzz(func(t *testing.T, options, text string) {
		if l, err := Default.WithOptions(options); err == nil {
			if again, err := Parse(l.String()); err != nil || again != l {
				t.Errorf("%q: got %v, %v, want %v", options, again, err, l)
			}
		}
		if l, err := Parse(text); err == nil && (l.Max < MinMax || l.Keep < 0 || l.Keep > MaxKeep) {
			t.Errorf("%q: got %v", text, l)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	f := Open(filepath.Join(b.TempDir(), "stdout"), Default)
	defer f.Close()
	line := bytes.Repeat([]byte("a line of a task's output, of the usual length, or so it seems\n"), 64)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		f.Write(line)
	}
}
