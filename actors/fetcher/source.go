package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"mesos/actors/containerizer/launch"
)

// Source opens what the URIs of one scheme name.
type Source interface {
	// Open starts to read a file. as is the user whose rights count where
	// rights do (nil: the caller's). It must give up when ctx ends, and so
	// must reads. A reader that ends early must end with an error.
	Open(ctx context.Context, uri string, as *launch.Account) (io.ReadCloser, error)
}

// download copies a source into the sandbox and gives the bytes copied.
func (f *Fetcher) download(ctx context.Context, w *writer, p plan) (n int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(f.o.StallTimeout, func() {
		cancel(fmt.Errorf("%w for %v", ErrStalled, f.o.StallTimeout))
	})
	defer stall.Stop()
	body, err := p.source.Open(ctx, p.uri, w.account)
	if err != nil {
		return 0, cause(ctx, err)
	}
	defer body.Close()
	moving := readFunc(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := body.Read(b)
		if n > 0 {
			stall.Reset(f.o.StallTimeout)
		}
		return n, err
	})
	n, err = w.file(p.name, fs.FileMode(p.mode), moving, -1)
	return n, cause(ctx, err)
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
