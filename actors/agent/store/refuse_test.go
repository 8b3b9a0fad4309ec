package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry/boltfile"
)

// Where bbolt keeps what says that a file is its own.
const (
	metaOffset = 16
	metaSize   = 64
	sumField   = 56
)

// filled is a work directory with a state of some size.
func filled(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	_, rows := everything()
	for i := range 300 {
		rows = append(rows, PutUpdate(uint64(1000+i), update("other", string(rune('a'+i)), v1.TaskState_TASK_RUNNING)))
	}
	durable(s, rows...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func change(t testing.TB, dir string, f func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(Path(dir), f(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

func rewrite(t testing.TB, dir string, f func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(Path(dir), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t testing.TB, dir string)
		want  error
		words string
	}{
		{"empty file", func(t testing.TB, dir string) { change(t, dir, func([]byte) []byte { return nil }) }, ErrDamaged, "empty"},
		{"a part of it", func(t testing.TB, dir string) { change(t, dir, func(b []byte) []byte { return b[:24<<10] }) }, ErrDamaged, "cut short"},
		{"a few bytes", func(t testing.TB, dir string) { change(t, dir, func(b []byte) []byte { return b[:5000] }) }, ErrDamaged, "cut short"},
		{"text", func(t testing.TB, dir string) {
			change(t, dir, func([]byte) []byte { return []byte(strings.Repeat("not a state\n", 1000)) })
		}, ErrForeign, "does not begin"},
		{"both first pages torn", func(t testing.TB, dir string) {
			change(t, dir, func(b []byte) []byte { b[60], b[os.Getpagesize()+60] = b[60]^1, b[os.Getpagesize()+60]^1; return b })
		}, ErrDamaged, "first pages"},
		{"another version of the library", func(t testing.TB, dir string) {
			change(t, dir, func(b []byte) []byte {
				for _, at := range []int{0, os.Getpagesize()} {
					meta := b[at+metaOffset : at+metaOffset+metaSize]
					binary.NativeEndian.PutUint32(meta[4:], 7)
					h := fnv.New64a()
					h.Write(meta[:sumField])
					binary.NativeEndian.PutUint64(meta[sumField:], h.Sum64())
				}
				return b
			})
		}, ErrVersion, "version is 7"},
		{"a byte of a value", func(t testing.TB, dir string) {
			change(t, dir, func(b []byte) []byte {
				return bytes.ReplaceAll(b, []byte("a message of usual"), []byte("A message of usual"))
			})
		}, ErrDamaged, "checksum"},
		{"zeroed pages", func(t testing.TB, dir string) {
			change(t, dir, func(b []byte) []byte { clear(b[2*os.Getpagesize():]); return b })
		}, ErrDamaged, ""},
		{"somebody else's database", func(t testing.TB, dir string) {
			rewrite(t, dir, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(boltfile.Meta)) })
		}, ErrForeign, "no table meta"},
		{"another format", func(t testing.TB, dir string) {
			rewrite(t, dir, func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte(boltfile.Meta)).Put([]byte(boltfile.FormatKey), boltfile.Seal([]byte(boltfile.FormatKey), []byte("mesos agent state 9")))
			})
		}, ErrVersion, "mesos agent state 9"},
		{"a table is missing", func(t testing.TB, dir string) {
			rewrite(t, dir, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(updates)) })
		}, ErrDamaged, "updates"},
		{"a directory", func(t testing.TB, dir string) {
			if err := errors.Join(os.Remove(Path(dir)), os.Mkdir(Path(dir), 0o700)); err != nil {
				t.Fatal(err)
			}
		}, ErrForeign, "not a file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filled(t)
			tt.spoil(t, dir)
			before, _ := os.ReadFile(Path(dir))
			for name, read := range map[string]func() error{
				"Open":  func() error { _, err := Open(dir, quiet); return err },
				"Check": func() error { _, err := Check(dir); return err },
			} {
				err := read()
				var refused *FileError
				if !errors.As(err, &refused) || !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.words) || !strings.Contains(err.Error(), Path(dir)) {
					t.Errorf("%s: got %v, want a FileError of %q that says %q and names the file", name, err, tt.want, tt.words)
				}
			}
			if after, _ := os.ReadFile(Path(dir)); string(after) != string(before) {
				t.Error("the refused file was changed")
			}
		})
	}
}

// Cut anywhere, a file is refused or whole; nothing else, and no fault.
func TestTruncated(t *testing.T) {
	dir := filled(t)
	whole, err := os.ReadFile(Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	want, err := Check(dir)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < min(len(whole), 300<<10); n += 3 << 10 {
		change(t, dir, func([]byte) []byte { return whole[:n] })
		got, err := Check(dir)
		switch {
		case err == nil:
			same(t, got, want)
		case !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign):
			t.Errorf("cut to %d bytes: got %v, want it damaged or foreign", n, err)
		}
	}
}

func TestInUse(t *testing.T) {
	dir := filled(t)
	s, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, quiet); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "process ") {
		t.Errorf("second agent: got %v, want ErrInUse with the process", err)
	}
	if _, err := Check(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("Check: got %v, want ErrInUse", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(dir); err != nil {
		t.Errorf("after Close: %v", err)
	}
	if _, err := Check(filepath.Join(dir, "elsewhere")); !errors.Is(err, ErrNone) {
		t.Errorf("no agent was here: got %v, want ErrNone", err)
	}
}

func TestClear(t *testing.T) {
	dir := filled(t)
	s, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Clear(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Check(dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, &State{})
}

// A state that was being made when the machine stopped is made anew.
func TestHalfMade(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Dir(Path(dir)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(Path(dir)+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Whatever a state file holds, it is read or refused.
func FuzzCheck(f *testing.F) {
	dir := filled(f)
	whole, err := os.ReadFile(Path(dir))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), uint32(1), byte(0xff))
	f.Add(uint32(2*os.Getpagesize()), uint32(os.Getpagesize()), byte(0))
	f.Fuzz(func(t *testing.T, at, n uint32, b byte) {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(Path(dir)), 0o700); err != nil {
			t.Fatal(err)
		}
		spoiled := append([]byte(nil), whole...)
		for i := at % uint32(len(spoiled)); i < uint32(len(spoiled)) && n > 0; i, n = i+1, n-1 {
			spoiled[i] ^= b
		}
		if err := os.WriteFile(Path(dir), spoiled, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Check(dir)
		var refused *FileError
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("got %v, want a FileError", err)
		}
	})
}
