package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
)

// ErrUnavailable is the error of a computation that nobody is there to make; it becomes 503.
var ErrUnavailable = errors.New("the program is starting or stopping")

// Shared answers identical simultaneous reads from one computation. The zero
// Shared is ready for use.
//
// A reader never gets anything older than its request: it joins a computation
// only if that has not yet looked at the state it tells of. Of each key at most
// one computation runs at a time; those who come meanwhile share the next.
type Shared struct {
	// Hit is called for every reader that joined another's computation.
	Hit func()

	mu      sync.Mutex
	running map[string]*Flight // by key
	next    map[string]*Flight // wait for the running one
}

// Flight is one computation. Its function calls Look when it is about to look at the state, on whatever goroutine
// does, and writes its answer.
type Flight struct {
	s     *Shared
	key   string
	begun bool // guarded by s.mu
	after *Flight
	body  *body
	zip   *body // guarded by s.mu; the same compressed, made for the first who wants it
	done  chan struct{}
}

// Look says that the state is looked at from here on: who comes later cannot join.
func (f *Flight) Look() {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	f.begun = true
}

// Write hands a piece of the answer to all readers, who share it: it must not change any more.
func (f *Flight) Write(piece []byte) {
	f.body.write(piece)
	// A long answer is made in slices much shorter than the scheduler's own, so that on a busy machine actors do not
	// wait for a processor behind it.
	runtime.Gosched()
}

// Serve answers a read with what compute writes, or with what an identical read that others wait for writes. key names
// the read; equal keys must mean equal answers. An error of compute becomes 500 if nothing was written yet, else the
// connection is cut.
func (s *Shared) Serve(w http.ResponseWriter, r *http.Request, key, mediaType string, compute func(f *Flight) error) {
	f, mine := s.join(key)
	if mine {
		// The handler owns the computation's goroutine, and waits for it even if its own client has gone.
		go f.run(compute)
		defer func() { <-f.done }()
	} else if s.Hit != nil {
		s.Hit()
	}
	f.serve(w, r, mediaType)
}

func (s *Shared) join(key string) (f *Flight, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		s.running, s.next = map[string]*Flight{}, map[string]*Flight{}
	}
	running := s.running[key]
	switch {
	case running == nil:
		f = newFlight(s, key, nil)
		s.running[key] = f
		return f, true
	case !running.begun:
		return running, false
	case s.next[key] == nil:
		f = newFlight(s, key, running)
		s.next[key] = f
		return f, true
	}
	return s.next[key], false
}

func newFlight(s *Shared, key string, after *Flight) *Flight {
	return &Flight{s: s, key: key, after: after, body: newBody(), done: make(chan struct{})}
}

func (f *Flight) run(compute func(f *Flight) error) {
	defer close(f.done)
	if f.after != nil {
		<-f.after.done
		f.after = nil
	}
	var err error
	defer func() {
		if p := recover(); p != nil { // as net/http does for a handler: one bad answer is no reason to end the daemon
			err = fmt.Errorf("panic: %v", p)
		}
		f.s.mu.Lock()
		delete(f.s.running, f.key)
		if next := f.s.next[f.key]; next != nil {
			f.s.running[f.key] = next
			delete(f.s.next, f.key)
		}
		f.s.mu.Unlock()
		f.body.close(err)
	}()
	err = compute(f)
}

// serve writes the pieces as they come.
func (f *Flight) serve(w http.ResponseWriter, r *http.Request, mediaType string) {
	ctx := r.Context()
	first, _, err := f.body.piece(ctx, 0)
	long := false
	if err == nil {
		_, long, err = f.body.piece(ctx, 1)
	}
	switch {
	case ctx.Err() != nil:
		return
	case errors.Is(err, ErrUnavailable):
		Errorf(w, http.StatusServiceUnavailable, "%v.", err)
		return
	case err != nil:
		Errorf(w, http.StatusInternalServerError, "The answer could not be written: %v.", err)
		return
	case !long:
		WriteBody(w, mediaType, first)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	from := f.body
	if out, ok := w.(*response); ok && out.gzipAllowed && out.callback == "" {
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		var wait func()
		from, wait = f.compressed()
		defer wait()
	}
	w.WriteHeader(http.StatusOK)
	for i := 0; ; i++ {
		p, more, err := from.piece(ctx, i)
		switch {
		case err != nil:
			panic(http.ErrAbortHandler) // too late for another status
		case !more:
			return
		}
		if _, err := w.Write(p); err != nil {
			return // the client has gone
		}
	}
}

// compressed returns the body compressed once for all who want it so. The first of them owns the goroutine.
func (f *Flight) compressed() (*body, func()) {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.zip != nil {
		return f.zip, func() {}
	}
	f.zip = newBody()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.zip.close(f.body.compress(f.zip))
	}()
	return f.zip, func() { <-done }
}
