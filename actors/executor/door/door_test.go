package door

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// greeter answers whoever comes in until its listener is closed.
func greeter(t *testing.T) func(net.Listener) {
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	return func(l net.Listener) {
		wg.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, "hello")
				_ = c.Close()
			}
		})
	}
}

func TestDoor(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 40))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), dir); !errors.Is(err, ErrNone) {
		t.Errorf("no door: got %v, want ErrNone", err)
	}
	agent := NewDoors(greeter(t))
	for range 2 { // the second takes the place of the first, as after a kill
		if err := agent.Open(dir); err != nil {
			t.Fatal(err)
		}
		c, err := Dial(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(c)
		if err != nil || string(said) != "hello" {
			t.Errorf("got %q, %v, want hello", said, err)
		}
		_ = c.Close()
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o666 {
			t.Errorf("got %v, %v, want a socket that other users of the sandbox may write to", info, err)
		}
	}
	agent.Close(dir)
	agent.Close(dir)
	if _, err := Dial(t.Context(), dir); !errors.Is(err, ErrNone) {
		t.Errorf("closed: got %v, want ErrNone", err)
	}
	if err := agent.Open(dir + "/not/there"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no sandbox: got %v, want ErrNotExist", err)
	}
}

// What a task puts where the socket should be gets no other rights.
func TestAdmitOnlySockets(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link} {
		if err := admit(path); err == nil {
			t.Errorf("%s: got no error, want it refused", path)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want mode 0600 still", info, err)
	}
}
