package fetcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

func cachedURI(value string) *v1.CommandInfo_URI {
	yes := true
	return with(uri(value), func(u *v1.CommandInfo_URI) { u.Cache = &yes })
}

// counting serves /N as N bytes, and holds every answer back until it may go.
type counting struct {
	url      string
	requests atomic.Int32
	begun    chan struct{} // gets one for each request
	mayGo    chan struct{} // closed, or one for each answer
	gone     chan struct{} // gets one for each request whose client left
}

func newCounting(t *testing.T) *counting {
	c := &counting{begun: make(chan struct{}, 100), mayGo: make(chan struct{}), gone: make(chan struct{}, 100)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		c.begun <- struct{}{}
		select {
		case <-c.mayGo:
		case <-r.Context().Done():
			c.gone <- struct{}{}
			return
		}
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil {
			http.NotFound(w, r)
			return
		}
		if r.URL.RawQuery == "flush" {
			w.(http.Flusher).Flush() // no Content-Length
		}
		w.Write(bytes.Repeat([]byte{'x'}, n))
	}))
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

func newCached(t *testing.T, size int64) *Fetcher {
	f := New(Options{CacheDir: t.TempDir(), CacheSize: size})
	t.Cleanup(f.Close)
	return f
}

// into fetches into a fresh sandbox.
func into(ctx context.Context, t *testing.T, f *Fetcher, u *v1.CommandInfo_URI) (sandbox, log string, err error) {
	var b bytes.Buffer
	sandbox = t.TempDir()
	err = f.Fetch(ctx, Request{Sandbox: sandbox, URIs: []*v1.CommandInfo_URI{u}, Log: &b})
	return sandbox, b.String(), err
}

func TestConcurrentRequestsShareOneDownload(t *testing.T) {
	c, f := newCounting(t), newCached(t, 1<<20)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			sandbox, _, err := into(t.Context(), t, f, cachedURI(c.url+"/1000"))
			if info, serr := os.Stat(filepath.Join(sandbox, "1000")); err != nil || serr != nil || info.Size() != 1000 {
				t.Errorf("got %v, %v, %v, want 1000 bytes", info, err, serr)
			}
		})
	}
	<-c.begun
	close(c.mayGo)
	wg.Wait()
	if n := c.requests.Load(); n != 1 {
		t.Errorf("got %d requests for 20 containers, want 1", n)
	}
	if _, log, _ := into(t.Context(), t, f, cachedURI(c.url+"/1000")); !strings.Contains(log, "from the cache") {
		t.Errorf("got log %q, want it to tell of the cache", log)
	}
}

// What one request's task does to it is nothing to the others.
func TestCancelledRequestLeavesTheDownloadToOthers(t *testing.T) {
	c, f := newCounting(t), newCached(t, 1<<20)
	first, cancel := context.WithCancelCause(t.Context())
	why := errors.New("task killed")
	results := make(chan error, 2)
	go func() { _, _, err := into(first, t, f, cachedURI(c.url+"/10")); results <- err }()
	<-c.begun
	go func() { _, _, err := into(t.Context(), t, f, cachedURI(c.url+"/10")); results <- err }()
	await(t, "the second to wait", func() bool {
		f.cache.mu.Lock()
		defer f.cache.mu.Unlock()
		for _, e := range f.cache.entries {
			return e.users == 2
		}
		return false
	})
	cancel(why)
	if err := <-results; !errors.Is(err, why) {
		t.Errorf("got %v, want the cause %v", err, why)
	}
	close(c.mayGo)
	if err := <-results; err != nil {
		t.Errorf("got %v, want the other request served", err)
	}
	if n := c.requests.Load(); n != 1 {
		t.Errorf("got %d requests, want 1", n)
	}
}

func TestDownloadEndsWhenNobodyWaits(t *testing.T) {
	c, f := newCounting(t), newCached(t, 1<<20)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { _, _, err := into(ctx, t, f, cachedURI(c.url+"/10")); result <- err }()
	<-c.begun
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	<-c.gone
	await(t, "the reservation to be given back", func() bool { return f.cache.inUse() == 0 })
}

func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestCacheEvictsTheLongestUnused(t *testing.T) {
	c, f := newCounting(t), newCached(t, 1000)
	close(c.mayGo)
	get := func(n int, query string) {
		t.Helper()
		if _, log, err := into(t.Context(), t, f, cachedURI(fmt.Sprint(c.url, "/", n, query))); err != nil {
			t.Fatalf("%d: %v, log %s", n, err, log)
		}
	}
	steps := []struct {
		n, requests int
		used        int64
	}{
		{400, 1, 400},
		{500, 2, 900},
		{400, 2, 900},   // there; so now 500 is the longest unused
		{300, 3, 700},   // 500 goes
		{400, 3, 700},   // still there
		{500, 4, 900},   // 300 goes
		{1000, 5, 1000}, // all others go
		{1001, 7, 1000}, // never fits: found out, and fetched past the cache
	}
	for _, s := range steps {
		get(s.n, "")
		if got := int(c.requests.Load()); got != s.requests {
			t.Errorf("%d: got %d requests, want %d", s.n, got, s.requests)
		}
		if got := f.cache.inUse(); got != s.used {
			t.Errorf("%d: got %d bytes in use, want %d", s.n, got, s.used)
		}
	}
}

func TestLengthIsNotKnownBefore(t *testing.T) {
	c, f := newCounting(t), newCached(t, 3<<20)
	close(c.mayGo)
	for _, tt := range []struct {
		n    int
		used int64
	}{{2<<20 + 5, 2<<20 + 5}, {4 << 20, 0}} {
		sandbox, _, err := into(t.Context(), t, f, cachedURI(fmt.Sprint(c.url, "/", tt.n, "?flush")))
		if info, serr := os.Stat(filepath.Join(sandbox, fmt.Sprint(tt.n))); err != nil || serr != nil || info.Size() != int64(tt.n) {
			t.Errorf("%d: got %v, %v, %v, want the file", tt.n, info, err, serr)
		}
		if got := f.cache.inUse(); got != tt.used {
			t.Errorf("%d: got %d bytes in use, want %d", tt.n, got, tt.used)
		}
	}
}

func TestFailedDownloadGivesItsPlaceBack(t *testing.T) {
	f := newCached(t, 2000)
	torn := server(t) + "/torn" // says 1000 bytes and breaks off
	for range 3 {
		if _, _, err := into(t.Context(), t, f, cachedURI(torn)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v, want %v", err, io.ErrUnexpectedEOF)
		}
	}
	if got := f.cache.inUse(); got != 0 {
		t.Errorf("got %d bytes in use, want none", got)
	}
	if left, err := os.ReadDir(f.cache.dir.path); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v in the cache, want nothing", left, err)
	}
}

// A file that is being read stays, and what does not fit beside it passes by.
func TestFileInUseIsNotEvicted(t *testing.T) {
	f := newCached(t, 1000)
	fill := func(n int64) func(context.Context, *entry) error {
		return func(_ context.Context, e *entry) error {
			return f.cache.write(e, n, io.LimitReader(zeros{}, n))
		}
	}
	a, err := f.cache.get(t.Context(), cacheKey{uri: "a"}, fill(600))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.cache.get(t.Context(), cacheKey{uri: "b"}, fill(600)); !errors.Is(err, errNotCached) {
		t.Errorf("got %v, want %v", err, errNotCached)
	}
	if info, err := os.Stat(a.path()); err != nil || info.Size() != 600 {
		t.Errorf("got %v, %v, want the file in use as it was", info, err)
	}
	a.release()
	b, err := f.cache.get(t.Context(), cacheKey{uri: "b"}, fill(600))
	if err != nil {
		t.Fatalf("got %v after the release, want it cached", err)
	}
	b.release()
	if _, err := os.Stat(a.path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want the unused file gone", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// TestCacheKeepsItsBounds lets many ask at once for files that do not fit
// together: every file given is whole, and the directory never holds too much.
func TestCacheKeepsItsBounds(t *testing.T) {
	const limit = 10_000
	f := newCached(t, limit)
	var wg sync.WaitGroup
	for seed := range uint64(8) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, 1))
			for range 200 {
				n := 1 + r.Int64N(4000)
				fail := r.IntN(5) == 0
				ctx, cancel := context.WithCancel(t.Context())
				if r.IntN(5) == 0 {
					cancel()
				}
				h, err := f.cache.get(ctx, cacheKey{uri: fmt.Sprint(n % 20)}, func(_ context.Context, e *entry) error {
					size := n
					if n%3 == 0 {
						size = -1
					}
					if fail {
						return io.ErrUnexpectedEOF
					}
					return f.cache.write(e, size, io.LimitReader(zeros{}, n))
				})
				if err == nil {
					if info, serr := os.Stat(h.path()); serr != nil || info.Size() > 4000 {
						t.Errorf("seed %d: got %v, %v, want a file", seed, info, serr)
					}
					h.release()
				}
				cancel()
				if used := f.cache.inUse(); used > limit || used < 0 {
					t.Errorf("seed %d: got %d bytes in use, want 0 to %d", seed, used, limit)
				}
			}
		})
	}
	wg.Wait()
	f.cache.wg.Wait() // downloads that nobody waited for
	entries, err := os.ReadDir(f.cache.dir.path)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	if used := f.cache.inUse(); sum != used || len(entries) != len(f.cache.entries) || len(entries) != f.cache.recent.Len() {
		t.Errorf("got %d bytes in %d files, and books of %d bytes in %d files, %d of them unused", sum, len(entries), used, len(f.cache.entries), f.cache.recent.Len())
	}
}

func TestCachedArchiveIsUnpackedIntoEverySandbox(t *testing.T) {
	f := newCached(t, 1<<20)
	u := cachedURI(place(t, "a.tgz", gz(t, pack(t, file("inside")))))
	for range 2 {
		sandbox, _, err := into(t.Context(), t, f, u)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(sandbox, "inside")); err != nil || string(got) != "body of inside" {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestCacheCannotBeMade(t *testing.T) {
	c := newCounting(t)
	close(c.mayGo)
	inTheWay := filepath.Join(t.TempDir(), "file")
	os.WriteFile(inTheWay, nil, 0o600)
	f := New(Options{CacheDir: inTheWay})
	defer f.Close()
	sandbox, log, err := into(t.Context(), t, f, cachedURI(c.url+"/7"))
	if err != nil || !strings.Contains(log, "past the cache") {
		t.Errorf("got %v, log %q, want it fetched past the cache", err, log)
	}
	if info, err := os.Stat(filepath.Join(sandbox, "7")); err != nil || info.Size() != 7 {
		t.Errorf("got %v, %v, want 7 bytes", info, err)
	}
}

func TestCachesOfDeadAgentsAreSwept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{cachePrefix + "dead", "other"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "x"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	alive := newCache(dir, 1000)
	if _, err := alive.dir.newName(); err != nil {
		t.Fatal(err)
	}
	newCache(dir, 1000).close()
	for path, want := range map[string]bool{filepath.Join(dir, cachePrefix+"dead"): false, filepath.Join(dir, "other"): true, alive.dir.path: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: got there %v, want %v", path, err == nil, want)
		}
	}
	alive.close()
	if _, err := os.Stat(alive.dir.path); err == nil {
		t.Errorf("got the cache still there after its close")
	}
}

func TestMetrics(t *testing.T) {
	c, reg := newCounting(t), metrics.NewRegistry()
	close(c.mayGo)
	f := New(Options{CacheDir: t.TempDir(), CacheSize: 100, Metrics: reg})
	defer f.Close()
	into(t.Context(), t, f, cachedURI(c.url+"/60"))
	into(t.Context(), t, f, uri(c.url+"/none"))
	got := map[string]float64{}
	for _, s := range reg.Gather(t.Context()) {
		got[strings.TrimPrefix(s.Name, "containerizer/fetcher/")] = s.Value
	}
	for name, want := range map[string]float64{"task_fetches_succeeded": 1, "task_fetches_failed": 1, "cache_size_total_bytes": 100, "cache_size_used_bytes": 60} {
		if got[name] != want {
			t.Errorf("%s: got %v, want %v", name, got[name], want)
		}
	}
}
