package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"mesos/actors/containerizer/launch"
)

// Source opens what the URIs of one scheme name.
type Source interface {
	// Open starts to read a file. as is the user whose rights count where
	// rights do (nil: the caller's). It must give up when ctx ends, and so
	// must reads. A reader that ends early must end with an error. If it has
	// a method Size() int64, that tells the bytes to come, -1 for unknown.
	// A source that works long before there is something to read tells that
	// it does by Moving.
	Open(ctx context.Context, uri string, as *launch.Account) (io.ReadCloser, error)
}

// sized is a reader that knows how much will come.
type sized struct {
	io.ReadCloser
	size int64
}

func (s sized) Size() int64 { return s.size }

type movingKey struct{}

// Moving tells, within Source.Open, that a fetch has not stalled.
func Moving(ctx context.Context) {
	if f, ok := ctx.Value(movingKey{}).(func()); ok {
		f()
	}
}

// pump opens a source and hands its bytes to take, with their number or -1. It
// watches that they keep coming and that they have the right checksum, and
// tells log how far it is. It gives the bytes that came.
func (f *Fetcher) pump(ctx context.Context, p plan, log io.Writer, take func(size int64, r io.Reader) error) (n int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(f.o.StallTimeout, func() {
		cancel(fmt.Errorf("%w for %v", ErrStalled, f.o.StallTimeout))
	})
	defer stall.Stop()
	alive := func() { stall.Reset(f.o.StallTimeout) }
	body, err := p.source.Open(context.WithValue(ctx, movingKey{}, alive), p.uri, p.account)
	if err != nil {
		return 0, cause(ctx, err)
	}
	defer body.Close()
	size := int64(-1)
	if s, ok := body.(interface{ Size() int64 }); ok {
		size = s.Size()
	}
	told := &progress{log: log, name: p.name, size: size, every: f.o.ProgressInterval, last: time.Now()}
	moving := readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		m, err := body.Read(b)
		if m > 0 {
			alive()
			n += int64(m)
			told.tell(n, time.Now())
		}
		return m, err
	})
	err = take(size, p.sum.check(moving))
	return n, cause(ctx, err)
}

// progress writes a line now and then.
type progress struct {
	log   io.Writer
	name  string
	size  int64
	every time.Duration
	last  time.Time
}

func (p *progress) tell(n int64, now time.Time) {
	if now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	if p.size > 0 {
		fmt.Fprintf(p.log, "Fetching %s: %d of %d bytes (%d %%)\n", p.name, n, p.size, int64(float64(n)/float64(p.size)*100))
		return
	}
	fmt.Fprintf(p.log, "Fetching %s: %d bytes\n", p.name, n)
}

// cause says why a context ended rather than that it did.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && !errors.Is(err, context.Cause(ctx)) {
		return context.Cause(ctx)
	}
	return err
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }
