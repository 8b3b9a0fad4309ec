package fetcher

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// cache keeps fetched files for later requests, and lets requests that come at
// the same time share one download. It never holds more than its limit, counted
// before the bytes come, and never removes a file that somebody uses.
type cache struct {
	dir   cacheDir
	limit int64
	ctx   context.Context // of downloads: they belong to nobody's request
	stop  context.CancelFunc
	wg    sync.WaitGroup

	mu      sync.Mutex
	used    int64 // bytes of entries, and promised to those that come
	entries map[cacheKey]*entry
	recent  list.List // of *entry that are whole, the longest unused first
}

// cacheKey tells what may be shared: what one user got for one URI is not shown
// to another, who may have no right to it.
type cacheKey struct {
	user, uri string
	sum       digest
}

// entry is one file.
type entry struct {
	key   cacheKey
	file  string
	size  int64         // promised to it, in the end its length
	users int           // that wait for it or read it
	done  chan struct{} // closed when it is whole, or failed
	err   error         // after done
	end   context.CancelCauseFunc
	place *list.Element // in recent
}

var (
	// errNotCached is wrapped when a file must be fetched past the cache.
	errNotCached = errors.New("not cached")
	errNobody    = errors.New("nobody waits for it any more")
)

func newCache(dir string, limit int64) *cache {
	c := &cache{dir: cacheDir{base: dir}, limit: limit, entries: map[cacheKey]*entry{}}
	c.ctx, c.stop = context.WithCancel(context.Background())
	if dir != "" {
		sweepCaches(dir)
	}
	return c
}

func (c *cache) close() {
	c.stop()
	c.wg.Wait()
	c.dir.remove()
}

func (c *cache) inUse() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used
}

// held is an entry that cannot be removed until it is released.
type held struct {
	c *cache
	e *entry
}

func (h *held) path() string { return h.e.file }

// get gives the file of a key, which fill makes if it is not there; it waits
// for that, but no longer than for ctx. fill runs on, for others, when ctx ends.
// Its ctx ends when nobody waits any more.
func (c *cache) get(ctx context.Context, key cacheKey, fill func(ctx context.Context, e *entry) error) (*held, error) {
	e, err := c.enter(key, fill)
	if err != nil {
		return nil, err
	}
	h := &held{c, e}
	select {
	case <-e.done:
		err = e.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		h.release()
		return nil, err
	}
	return h, nil
}

func (c *cache) enter(key cacheKey, fill func(ctx context.Context, e *entry) error) (*entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		file, err := c.dir.newName()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotCached, err)
		}
		e = &entry{key: key, file: file, done: make(chan struct{})}
		c.entries[key] = e
		var ctx context.Context
		ctx, e.end = context.WithCancelCause(c.ctx)
		c.wg.Go(func() {
			defer e.end(nil)
			c.filled(e, fill(ctx, e))
		})
	}
	if e.place != nil {
		c.recent.Remove(e.place)
		e.place = nil
	}
	e.users++
	return e, nil
}

// filled ends the download of an entry.
func (c *cache) filled(e *entry, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.err = err
	if err != nil || c.entries[e.key] != e { // it failed, or came too late for everybody
		c.drop(e)
	} else if info, serr := os.Stat(e.file); serr == nil {
		c.used += info.Size() - e.size
		e.size = info.Size()
	}
	close(e.done)
	c.rest(e)
}

// release is called once for each get that gave a file.
func (h *held) release() {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	h.e.users--
	h.c.rest(h.e)
}

// rest looks after an entry that may have no user any more; c.mu is held.
func (c *cache) rest(e *entry) {
	if e.users > 0 || c.entries[e.key] != e {
		return
	}
	select {
	case <-e.done:
		if e.place == nil {
			e.place = c.recent.PushBack(e)
		}
	default:
		delete(c.entries, e.key) // who comes now begins anew
		e.end(errNobody)
	}
}

// drop forgets an entry and gives back what was promised to it; c.mu is held.
func (c *cache) drop(e *entry) {
	if c.entries[e.key] == e {
		delete(c.entries, e.key)
	}
	c.used -= e.size
	e.size = 0
	_ = os.Remove(e.file) // it may never have been made; what stays goes with the directory
}

// reserve promises n more bytes to an entry. Files that nobody uses go, the
// longest unused first.
func (c *cache) reserve(e *entry, n int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.size+n > c.limit {
		return fmt.Errorf("%w: it has more than the %d bytes of the cache", errNotCached, c.limit)
	}
	for c.used+n > c.limit {
		oldest := c.recent.Front()
		if oldest == nil {
			return fmt.Errorf("%w: all of the cache's %d bytes are in use", errNotCached, c.limit)
		}
		c.recent.Remove(oldest)
		c.drop(oldest.Value.(*entry))
	}
	c.used += n
	e.size += n
	return nil
}

// write copies a download into the file of an entry, never beyond what is
// promised to it.
func (c *cache) write(e *entry, size int64, r io.Reader) (err error) {
	if size > 0 {
		if err := c.reserve(e, size); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(e.file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("%w: file of the cache: %w", errNotCached, err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	const step = 1 << 20
	left := e.size
	onto := writeFunc(func(b []byte) (int, error) {
		n, err := f.Write(b)
		if err != nil {
			err = fmt.Errorf("%w: file of the cache: %w", errNotCached, err)
		}
		return n, err
	})
	_, err = io.Copy(onto, readFunc(func(b []byte) (int, error) {
		n, err := r.Read(b)
		for left < int64(n) {
			if err := c.reserve(e, step); err != nil {
				return 0, err
			}
			left += step
		}
		left -= int64(n)
		return n, err
	}))
	return err
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(b []byte) (int, error) { return f(b) }
