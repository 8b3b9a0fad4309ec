package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"runtime"
	"sync"
)

// body is a text that grows by pieces, read by many at once.
type body struct {
	mu     sync.Mutex
	pieces [][]byte
	closed bool
	err    error
	grown  chan struct{} // closed, and replaced, whenever there is more
}

func newBody() *body { return &body{grown: make(chan struct{})} }

func (b *body) write(p []byte) {
	if len(p) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pieces = append(b.pieces, p)
	close(b.grown)
	b.grown = make(chan struct{})
}

func (b *body) close(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed, b.err = true, err
	close(b.grown)
}

// piece waits for piece i; more is false if the text ended before it.
func (b *body) piece(ctx context.Context, i int) (p []byte, more bool, err error) {
	for {
		b.mu.Lock()
		n, closed, err, grown := len(b.pieces), b.closed, b.err, b.grown
		if i < n {
			p = b.pieces[i]
		}
		b.mu.Unlock()
		switch {
		case i < n:
			return p, true, nil
		case closed:
			return nil, false, err
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

// compress writes b's text to out. It waits for b, which always ends.
func (b *body) compress(out *body) error {
	z := gzipPool.Get().(*gzip.Writer)
	var buf bytes.Buffer
	z.Reset(&buf)
	defer func() {
		z.Reset(nil)
		gzipPool.Put(z)
	}()
	for i := 0; ; i++ {
		p, more, err := b.piece(context.Background(), i)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if _, err := z.Write(p); err != nil {
			return fmt.Errorf("compression: %w", err)
		}
		runtime.Gosched() // as Flight.Write does
		if buf.Len() >= 32<<10 {
			out.write(bytes.Clone(buf.Bytes()))
			buf.Reset()
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("compression: %w", err)
	}
	out.write(bytes.Clone(buf.Bytes()))
	return nil
}
