package httpapi

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// sharing is a server whose one page is computed by compute.
func sharing(t *testing.T, s *Shared, compute func(f *Flight) error) string {
	t.Helper()
	r := NewRouter("p")
	r.HandleFunc("/page", func(w http.ResponseWriter, req *http.Request) { s.Serve(w, req, "page", MediaJSON, compute) })
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return server.URL + "/page"
}

func read(t *testing.T, url string, header ...string) (int, http.Header, []byte, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = w.Body.Close() }()
	body, err := io.ReadAll(w.Body)
	return w.StatusCode, w.Header, body, err
}

// TestSharedReads lets many ask while one computation runs: they get the next one's answer, and that is one for all.
func TestSharedReads(t *testing.T) {
	const readers = 20
	var computed, hits atomic.Int32
	looked, release := make(chan struct{}), make(chan struct{})
	s := &Shared{Hit: func() { hits.Add(1) }}
	url := sharing(t, s, func(f *Flight) error {
		f.Look()
		n := computed.Add(1)
		if n == 1 {
			close(looked)
			<-release
		}
		f.Write(fmt.Appendf(nil, "%d", n))
		return nil
	})
	var asked sync.WaitGroup
	ask := func(want string) {
		asked.Go(func() {
			if code, _, body, err := read(t, url); err != nil || code != 200 || string(body) != want {
				t.Errorf("got %d %q (%v), want %q", code, body, err, want)
			}
		})
	}
	ask("1")
	<-looked
	for range readers {
		ask("2") // what the first has seen is older than these
	}
	for hits.Load() < readers-1 {
		runtime.Gosched()
	}
	close(release)
	asked.Wait()
	if n := computed.Load(); n != 2 {
		t.Errorf("got %d computations, want 2", n)
	}
	if len(s.running)+len(s.next) != 0 {
		t.Errorf("%d computations are still there", len(s.running)+len(s.next))
	}
}

// TestJoinBeforeTheLook lets readers join a computation that has not looked yet.
func TestJoinBeforeTheLook(t *testing.T) {
	var computed, hits atomic.Int32
	release := make(chan struct{})
	s := &Shared{Hit: func() { hits.Add(1) }}
	url := sharing(t, s, func(f *Flight) error {
		computed.Add(1)
		<-release
		f.Look()
		f.Write([]byte("{}"))
		return nil
	})
	var asked sync.WaitGroup
	for range 5 {
		asked.Go(func() {
			if code, _, body, err := read(t, url); err != nil || code != 200 || string(body) != "{}" {
				t.Errorf("got %d %q (%v), want {}", code, body, err)
			}
		})
	}
	for hits.Load() < 4 {
		runtime.Gosched()
	}
	close(release)
	asked.Wait()
	if n := computed.Load(); n != 1 {
		t.Errorf("got %d computations, want 1", n)
	}
}

// TestSharedBody sends a body in pieces, plain, compressed and as jsonp.
func TestSharedBody(t *testing.T) {
	piece := strings.Repeat("0123456789abcdef", 1000)
	for _, pieces := range []int{0, 1, 2, 50} {
		want := strings.Repeat(piece, pieces)
		url := sharing(t, &Shared{}, func(f *Flight) error {
			f.Look()
			for range pieces {
				f.Write([]byte(piece))
			}
			return nil
		})
		if code, h, body, err := read(t, url); err != nil || code != 200 || string(body) != want || h.Get("Content-Type") != MediaJSON {
			t.Errorf("%d pieces: got %d and %d bytes of %s (%v), want %d of JSON", pieces, code, len(body), h.Get("Content-Type"), err, len(want))
		}
		code, h, body, err := read(t, url, "Accept-Encoding", "gzip")
		if err != nil || code != 200 {
			t.Fatalf("%d pieces compressed: got %d (%v)", pieces, code, err)
		}
		if h.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		} else if pieces > 0 {
			t.Errorf("%d pieces: got no compression", pieces)
		}
		if string(body) != want {
			t.Errorf("%d pieces compressed: got %d bytes, want %d", pieces, len(body), len(want))
		}
		if _, h, body, err := read(t, url+"?jsonp=f", "Accept-Encoding", "gzip"); err != nil || h.Get("Content-Encoding") == "" && string(body) != "f("+want+")" {
			t.Errorf("%d pieces as jsonp: got %d bytes (%v), want %d", pieces, len(body), err, len(want)+3)
		}
	}
}

func TestSharedErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		pieces int
		err    error
		code   int // 0: the connection is cut
	}{
		{"at once", 0, errors.New("broken"), 500},
		{"nobody there", 0, ErrUnavailable, 503},
		{"after a piece that was held back", 1, errors.New("broken"), 500},
		{"in the middle", 40, errors.New("broken"), 0},
	} {
		url := sharing(t, &Shared{}, func(f *Flight) error {
			for range c.pieces {
				f.Write(bytes.Repeat([]byte("x"), 64<<10))
			}
			return c.err
		})
		code, _, _, err := read(t, url)
		if c.code == 0 && err == nil || c.code != 0 && code != c.code {
			t.Errorf("%s: got %d (%v), want %d", c.name, code, err, c.code)
		}
	}
	url := sharing(t, &Shared{}, func(*Flight) error { panic("oh") })
	for range 2 {
		if code, _, body, err := read(t, url); err != nil || code != 500 || !strings.Contains(string(body), "oh") {
			t.Errorf("panic: got %d %q (%v), want 500", code, body, err)
		}
	}
}
